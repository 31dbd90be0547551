/** GGUF files made on the fly. */
import { ByteWriter } from '../../src/hub/byte_writer';

/** [key, the format's number of the value type, what writes the value] */
export type GgufPair = readonly [key: string, type: number, write: (to: ByteWriter) => void];

export interface GgufTensor {
  readonly name: string;
  /** Innermost dimension first, as in the file. */
  readonly dimensions: readonly (number | bigint)[];
  readonly type: number;
  /** From the start of the data; unless given, after the tensor before, aligned. */
  readonly offset?: number | bigint;
  readonly bytes: number;
}

export const ggufText = (to: ByteWriter, text: string) => to.u64(new TextEncoder().encode(text).length).text(text);

export function ggufStrings(key: string, strings: readonly string[]): GgufPair {
  return [
    key,
    9,
    (to) => {
      to.u32(8).u64(strings.length);
      for (const text of strings) ggufText(to, text);
    },
  ];
}

/** Without its data when `dataBytes` is 0. */
export function ggufHeader(
  pairs: readonly GgufPair[],
  tensors: readonly GgufTensor[],
  { version = 3, alignment = 32, magic = 'GGUF' } = {},
): { header: Uint8Array<ArrayBuffer>; dataBytes: number } {
  const to = new ByteWriter().text(magic).u32(version).u64(tensors.length).u64(pairs.length);
  for (const [key, type, write] of pairs) {
    ggufText(to, key).u32(type);
    write(to);
  }
  let end = 0;
  for (const { name, dimensions, type, offset = end, bytes } of tensors) {
    ggufText(to, name).u32(dimensions.length);
    for (const size of dimensions) to.u64(size);
    to.u32(type).u64(offset);
    end = Math.ceil((end + bytes) / alignment) * alignment;
  }
  to.alignTo(alignment);
  return { header: to.bytes(), dataBytes: end };
}
