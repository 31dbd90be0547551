/**
 * What tuning measures: the shapes that the model's work consists of, as data, the weightiest first, so that
 * where time runs out what is left is little.
 *
 * Rows are tokens of a clip: 27,280 of the model's own default, 3,510 at 832×480×33, 1,100 at 640×352×17, 320 at
 * 256×256×17; and 64 and 16 of the smallest. The reference's 36,080 are nearest to the first.
 */
import type { TunedAttention } from '../kernels/attention';
import type { TiledProduct } from '../kernels/tile';

/** A window of pixels and what comes out of each: 3 × 3 × 3 taps with two frames of the past. */
export interface ConvPixels {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly from: number;
  readonly to: number;
}

export type TuningCase =
  | { readonly kernel: 'matmul'; readonly size: TiledProduct }
  | { readonly kernel: 'conv'; readonly size: TiledProduct; readonly pixels: ConvPixels }
  | { readonly kernel: 'attention'; readonly size: TunedAttention };

type Left = 'f32' | 'f16';
type Weight = TiledProduct['weight'];

const DIM = 3072;
const FFN = 14336;
/** Of the text encoder, which computes in f32 wherever it runs. */
const TEXT_DIM = 4096;
const TAPS = 27;
export const PAST = 2;

/** `left`: the activations of transformer and video coder on this device. */
export function tuningCases(left: Left, software: boolean): TuningCase[] {
  return software ? softwareCases(left) : gpuCases(left);
}

function gpuCases(left: Left): TuningCase[] {
  return [
    product(27280, DIM, DIM, left),
    selfAttention(27280, left),
    conv({ frames: 4, height: 352, width: 640, from: 256, to: 256 }, left),
    conv({ frames: 4, height: 176, width: 320, from: 512, to: 512 }, left),
    product(3510, DIM, DIM, left),
    product(1100, DIM, DIM, left),
    selfAttention(3510, left),
    selfAttention(1100, left),
    crossAttention(27280, left),
    conv({ frames: 2, height: 88, width: 160, from: 1024, to: 1024 }, left),
    conv({ frames: 1, height: 44, width: 80, from: 1024, to: 1024 }, left),
    product(1100, FFN, DIM, left),
    product(320, DIM, DIM, left),
    product(320, FFN, DIM, left),
    product(64, DIM, DIM, left),
    product(64, FFN, DIM, left),
    product(64, DIM, FFN, left),
    product(16, DIM, DIM, left),
    product(16, DIM, FFN, left),
    conv({ frames: 4, height: 352, width: 640, from: 256, to: 12 }, left),
    conv({ frames: 1, height: 16, width: 16, from: 1024, to: 1024 }, left),
    crossAttention(1100, left),
    selfAttention(128, left),
    product(3510, DIM, DIM, left, 'q8_0'),
    product(320, DIM, DIM, left, 'q8_0'),
    product(64, DIM, DIM, left, 'q8_0'),
    ...(left === 'f32' ? [] : [product(160, TEXT_DIM, TEXT_DIM, 'f32'), product(32, TEXT_DIM, TEXT_DIM, 'f32')]),
    textAttention(128),
    product(1100, DIM, DIM, left, 'f32'),
    product(64, DIM, DIM, left, 'f32'),
  ];
}

/** A CPU's best form depends little on columns and depth, so few of them do; and it has no time for the large ones. */
function softwareCases(left: Left): TuningCase[] {
  return [
    product(320, 1024, 1024, left),
    product(64, 1024, 1024, left),
    product(16, 1024, 1024, left),
    conv({ frames: 1, height: 32, width: 32, from: 128, to: 128 }, left),
    selfAttention(256, left),
    conv({ frames: 1, height: 8, width: 8, from: 256, to: 256 }, left),
    product(64, 1024, 1024, left, 'q8_0'),
    crossAttention(256, left),
    textAttention(32),
  ];
}

const product = (rows: number, columns: number, depth: number, left: Left, weight: Weight = 'bf16'): TuningCase => ({
  kernel: 'matmul',
  size: { rows, columns, depth, left, weight },
});

const conv = (pixels: ConvPixels, left: Left): TuningCase => ({
  kernel: 'conv',
  pixels,
  size: productOf(pixels, left, 'bf16'),
});

/** The product that a convolution is, as `conv` asks for its tile. */
export function productOf({ frames, height, width, from, to }: ConvPixels, left: Left, weight: Weight): TiledProduct {
  const rows = ((frames - 1) * (height + 1) + height - 1) * (width + 1) + width;
  return { rows, columns: to, depth: TAPS * from, left, weight };
}

const attention = (queries: number, keys: number, type: Left, biased = false): TuningCase => ({
  kernel: 'attention',
  size: { batch: 1, queries, keys, heads: biased ? 64 : 24, head: biased ? 64 : 128, type, biased },
});
const selfAttention = (tokens: number, type: Left) => attention(tokens, tokens, type);
/** To a prompt of 32 tokens; the padding after them is one key more. */
const crossAttention = (tokens: number, type: Left) => attention(tokens, 33, type);
const textAttention = (tokens: number) => attention(tokens, tokens, 'f32', true);

/** '1100×3072×3072 f16, bf16 weights', for people. */
export function titleOf(one: TuningCase): string {
  if (one.kernel === 'attention') {
    const { queries, keys, heads, head, type, biased } = one.size;
    return `attention ${queries} to ${keys} tokens, ${heads} heads of ${head}, ${type}${biased ? ', biased' : ''}`;
  }
  const { rows, depth, columns, left, weight } = one.size;
  return `${one.kernel} ${rows}×${depth}×${columns} ${left}, ${weight} weights`;
}
