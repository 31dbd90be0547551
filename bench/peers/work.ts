/**
 * What all engines are given: shapes, and operands as plain numbers that every element type holds exactly.
 *
 * Layouts are ours: weights (columns, depth), and channels last. Each engine brings them into its own before it is timed.
 */
import { ELEMENT_BYTES } from '../../src/gpu/tensor';
import { encodeF16 } from '../../src/gpu/transfer';
import { decodeWeights, WEIGHT_FORMATS } from '../../src/weights/weight_types';

export type Activation = 'f32' | 'f16';

/** left (rows, depth) · weightᵀ (depth, columns). */
export interface Product {
  readonly kind: 'product';
  readonly type: Activation;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly left: Float32Array;
  readonly weight: Float32Array;
  /** The weight in blocks of 32 with a factor each, where it is stored so; `weight` is what it decodes to. */
  readonly blocks?: QuantisedWeight;
}

export interface QuantisedWeight {
  readonly type: 'q8_0' | 'q4_0';
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** (columns, depth / 32) */
  readonly scales: Float32Array;
}

/** Self-attention without a mask, scaled by 1 ÷ √head; all three (tokens, heads · head). */
export interface Attention {
  readonly kind: 'attention';
  readonly type: Activation;
  readonly tokens: number;
  readonly heads: number;
  readonly head: number;
  readonly query: Float32Array;
  readonly key: Float32Array;
  readonly value: Float32Array;
}

/** 3×3×3 taps, causal: two frames of zeros before, one pixel of zeros around. Pixels (frames, height, width, channels). */
export interface Convolution {
  readonly kind: 'convolution';
  readonly type: Activation;
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly columns: number;
  readonly pixels: Float32Array;
  /** (columns, 3, 3, 3, channels) */
  readonly weight: Float32Array;
}

export type Work = Product | Attention | Convolution;

export const BLOCK = 32;

/** Pseudo-random multiples of 1/64 in [-1, 1), which half precision holds exactly. */
export function numbers(count: number, seed: number): Float32Array {
  const next = generator(seed);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = (next() >>> 25) / 64 - 1;
  return values;
}

/** A step of a linear congruential generator (Numerical Recipes); its high bits are the good ones. */
function generator(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
}

/** Random blocks as ggml stores them: a factor in f16, then 32 whole numbers of 8 or 4 bits. */
export function quantised(type: QuantisedWeight['type'], count: number, seed: number): QuantisedWeight {
  const next = generator(seed);
  const size = WEIGHT_FORMATS[type].bytes;
  const scales = new Float32Array(count / BLOCK);
  const bytes = new Uint8Array(scales.length * size);
  for (let i = 0; i < bytes.length; i++) bytes[i] = next() >>> 24;
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < scales.length; block++) {
    scales[block] = ((next() >>> 30) + 1) / 1024;
    view.setUint16(block * size, encodeF16(scales[block]!), true);
  }
  return { type, bytes, scales };
}

export const decoded = ({ type, bytes }: QuantisedWeight): Float32Array => decodeWeights(type, bytes);

export function resultShape(work: Work): readonly number[] {
  if (work.kind === 'product') return [work.rows, work.columns];
  if (work.kind === 'attention') return [work.tokens, work.heads * work.head];
  return [work.frames, work.height, work.width, work.columns];
}

/** Multiply-adds count two. Those of a convolution that meet its border count: everyone may skip them, nobody does. */
export function workFlops(work: Work): number {
  if (work.kind === 'product') return 2 * work.rows * work.columns * work.depth;
  if (work.kind === 'attention') return 4 * work.heads * work.tokens ** 2 * work.head;
  return 2 * work.frames * work.height * work.width * work.columns * 27 * work.channels;
}

/** Values as an engine's element type has them in memory. */
export function encode(values: Float32Array, type: Activation): Float32Array | Uint16Array {
  return ELEMENT_BYTES[type] === 4 ? values : Uint16Array.from(values, encodeF16);
}

/** The array with its dimensions in another order: dimension i of the result is `order[i]` of the original. */
export function permute(values: ArrayLike<number>, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  const index = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from]!;
    // Counts up like an odometer, the last dimension first.
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += steps[axis]!;
      if (index[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
