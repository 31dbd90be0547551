/**
 * The tensor types of GGUF files: those of `weight_types.ts`, and others that are only
 * named and measured, so that a file that holds one can be told and its other tensors used.
 *
 * Numbers: `enum ggml_type` in ggml's `ggml.h`; sizes: the blocks of its `ggml-common.h`.
 */
import { WEIGHT_FORMATS, type WeightType } from './weight_types';

export interface GgmlType {
  /** As ggml names it, such as 'Q4_K'; 'ggml type 99' where nobody here knows it. */
  readonly dtype: string;
  readonly type: WeightType | null;
  /** Elements in one block, and its bytes; null where they are not known. */
  readonly block: { readonly elements: number; readonly bytes: number } | null;
}

/** [number, name, elements, bytes] */
const UNDECODED: readonly (readonly [number, string, number, number])[] = [
  [9, 'Q8_1', 32, 36],
  [15, 'Q8_K', 256, 292],
  [16, 'IQ2_XXS', 256, 66],
  [17, 'IQ2_XS', 256, 74],
  [18, 'IQ3_XXS', 256, 98],
  [19, 'IQ1_S', 256, 50],
  [20, 'IQ4_NL', 32, 18],
  [21, 'IQ3_S', 256, 110],
  [22, 'IQ2_S', 256, 82],
  [23, 'IQ4_XS', 256, 136],
  [24, 'I8', 1, 1],
  [25, 'I16', 1, 2],
  [26, 'I32', 1, 4],
  [27, 'I64', 1, 8],
  [28, 'F64', 1, 8],
  [29, 'IQ1_M', 256, 56],
  [34, 'TQ1_0', 256, 54],
  [35, 'TQ2_0', 256, 66],
  [39, 'MXFP4', 32, 17],
];

const TYPES: ReadonlyMap<number, GgmlType> = new Map<number, GgmlType>([
  ...UNDECODED.map(([id, dtype, elements, bytes]): [number, GgmlType] => [
    id,
    { dtype, type: null, block: { elements, bytes } },
  ]),
  ...Object.entries(WEIGHT_FORMATS).flatMap(([type, { ggml, elements, bytes }]): [number, GgmlType][] =>
    ggml === undefined
      ? []
      : [[ggml, { dtype: type.toUpperCase(), type: type as WeightType, block: { elements, bytes } }]],
  ),
]);

export function ggmlType(id: number): GgmlType {
  return TYPES.get(id) ?? { dtype: `ggml type ${id}`, type: null, block: null };
}
