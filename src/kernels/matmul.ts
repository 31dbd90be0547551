/** Linear layers: x (rows, depth) · weightᵀ (depth, columns), with the epilogue of its place in the network. */
import source from '../../shaders/matmul.wgsl?raw';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, expectShape } from './kernel';
import { type Int8Tuning, int8Form, isInt8 } from './matmul_int8';
import { epilogue, finish, keepParts, type Sums, type SumsForm } from './product_result';
import { sumParts } from './sum_parts';
import { chooseTile, partDepthOf, type TileTuning, tileFlops, tileForm, tileGroups } from './tile';
import type { Timesteps } from './timesteps';
import { unpack } from './unpack';
import { inBlocks, weightPart } from './weight_parts';
import { weightTiles } from './weight_tiles';

export interface MatmulSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

export interface MatmulOptions {
  readonly label: string;
  /** (columns), f32. */
  readonly bias?: Tensor | undefined;
  readonly activation?: 'none' | 'gelu' | 'silu';
  /** Store into this (rows, columns) tensor instead of a new one. */
  readonly into?: Tensor;
  /** Add to this (rows, columns) f32 tensor in place, instead of storing. */
  readonly addTo?: Tensor;
  /** With `addTo`: scale by a row of the block's modulation and the timestep's vectors. */
  readonly gate?: { readonly row: number; readonly modulation: Tensor; readonly timesteps: Timesteps };
  /** Multiply the result by this tensor of its shape and type. */
  readonly times?: Tensor;
  /** Element type of the result; the recorder's activation type unless given. */
  readonly type?: 'f32' | 'f16';
  readonly tuning?: TileTuning | Int8Tuning;
}

/** Unpacking takes a software adapter as long as the product of 15 to 20 rows, decoding on the way a sixth of the product. */
const UNPACK_ROWS = 128;
/** Of a weight unpacked at once. */
const UNPACKED_BYTES = 32 * 1024 * 1024;

/**
 * Returns (rows, columns): a new scratch tensor, `into` or `addTo`. Columns and depth are multiples of 4. The weight
 * may be in any stored type, with a factor for each row (applied once to each sum, so exact), and in pieces. Where it
 * has an adapter, the result is x · (weight + up · down)ᵀ, by two thin products more (LoRA: Hu et al., 2021). Where the
 * recorder's products are 'int8' and the weight is stored as q8_0, both are rounded to 8 bits (matmul_int8.ts).
 */
export function matmul(r: Recorder, x: Tensor, weight: Tensor, options: MatmulOptions): Tensor {
  const { adapter } = weight;
  if (!adapter) return product(r, x, weight, options);
  const { label, activation = 'none', addTo, into, tuning } = options;
  const tuned = tuning && { tuning };
  const thin = product(r, x, adapter.down, { label: `${label} adapter down`, type: 'f32', ...tuned });
  const upLabel = `${label} adapter up`;
  if (addTo) {
    if (activation !== 'none')
      throw new Error(`${label}: an adapter, an activation and a residual are too much at once.`);
    product(r, x, weight, options);
    return product(r, thin, adapter.up, {
      label: upLabel,
      addTo,
      ...(options.gate && { gate: options.gate }),
      ...tuned,
    });
  }
  // The adapter's part comes first: it belongs under the activation.
  const result = into ?? r.tensor(label, [x.shape[0]!, weight.shape[0]!], options.type);
  product(r, thin, adapter.up, { label: upLabel, into: result, ...tuned });
  return product(r, x, weight, { ...options, into: result, addsToResult: true });
}

interface ProductOptions extends MatmulOptions {
  /** What `into` holds is part of the sum. */
  readonly addsToResult?: boolean;
}

function product(r: Recorder, x: Tensor, weight: Tensor, options: ProductOptions): Tensor {
  const [rows = 0, depth = 0] = x.shape;
  const [columns = 0, weightDepth] = weight.shape;
  if (weightDepth !== depth || depth % 4 !== 0 || columns % 4 !== 0)
    throw new AppError(
      'shape-mismatch',
      `${options.label}: [${x.shape}] times the weight [${weight.shape}]: depths must agree and, like the columns, be multiples of 4.`,
    );
  const { label, bias, addTo, addsToResult = false } = options;
  const { scale } = weight;
  const result = addTo ?? options.into ?? r.tensor(label, [rows, columns], options.type);
  expectShape(label, result, [rows, columns]);
  if (bias) expectShape(`${label}.bias`, bias, [columns]);
  if (scale) expectShape(`${label}.scale`, scale, [columns]);

  const size: MatmulSize = { rows, columns, depth };
  const int8 = isInt8(r, weight);
  const unpacked = r.options.software && !options.tuning && rows >= UNPACK_ROWS && inBlocks(weight) && !int8;
  const { bindingBytes = UNPACKED_BYTES } = r.options;
  const tiles = unpacked
    ? weightTiles(weight, (Math.min(bindingBytes, UNPACKED_BYTES) / ELEMENT_BYTES.f32) * ELEMENT_BYTES[weight.type])
    : weightTiles(weight, r.options.bindingBytes);
  const read: Tensor = unpacked ? { ...weight, type: 'f32' } : weight;
  const wanted = options.tuning;
  const form = int8 ? int8Form(r, x, weight, size, label, wanted) : exactForm(r, x, read, size, wanted);
  const ending = epilogue(result, { ...options, scale, addsToResult });
  for (const { part: stored, start } of tiles) {
    const part = unpacked ? unpack(r, stored, `${label} weight`) : stored;
    const sums = tileSums(form, part, { ...size, columns: part.shape[0]! }, start);
    const parts = Math.ceil(depth / sums.partDepth);
    if (parts === 1) finish(r, label, sums, ending);
    else {
      const kept = r.tensor(`${label} parts`, [parts * rows, sums.size.columns], 'f32');
      finish(r, label, { ...sums, start: 0, groups: sums.groups * parts }, keepParts(kept));
      finish(r, label, sumParts(sums, kept), ending);
    }
  }
  return result;
}

/** How the sums are made, whatever the weight and the result. */
export interface ProductForm extends SumsForm {
  readonly tuning: TileTuning | Int8Tuning;
  /** Of the left operand. */
  readonly bindings: Readonly<Record<number, Tensor>>;
  /** Bytes of an element of it. */
  readonly leftBytes: number;
  /** Of a part of the depth; all of it where it is not cut. */
  readonly partDepth: number;
}

function exactForm(
  r: Recorder,
  x: Tensor,
  weight: Tensor,
  size: MatmulSize,
  wanted: TileTuning | Int8Tuning | undefined,
): ProductForm {
  const left = activationType(x);
  const tuning = chooseTile(r, 'matmul', { ...size, left, weight: weight.type }, wanted as TileTuning | undefined);
  const { SPLIT: _, ...tile } = tuning;
  const { part, types, ...form } = tileForm(tile, size.depth);
  const partDepth = partDepthOf(tuning, size.depth);
  return {
    ...form,
    tuning: { ...form.tuning, CUT: partDepth < size.depth ? 1 : 0 },
    name: 'matmul',
    source,
    types: { Left: left, ...types },
    parts: [part, weightPart(weight)],
    bindings: { 1: x },
    leftBytes: ELEMENT_BYTES[x.type],
    partDepth,
  };
}

/** With these rows of the weight, in one part. */
function tileSums(product: ProductForm, weight: Tensor, size: MatmulSize, start: number): Sums {
  const { bindings, leftBytes, partDepth, ...form } = product;
  const { rows, columns, depth } = size;
  const { tuning } = form;
  const groups = tileGroups(rows, columns, tuning);
  return {
    form,
    size,
    start,
    partDepth,
    bindings: { ...bindings, 2: weight },
    groups,
    computedFlops: tileFlops(groups, tuning, depth),
    cost: {
      flops: flops(2 * rows * columns * depth),
      bytes: bytes(rows * depth * leftBytes + tensorBytes(weight)),
    },
  };
}
