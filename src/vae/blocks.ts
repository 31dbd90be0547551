/**
 * The blocks both halves of the VAE are made of. Activations are channels-last:
 * (frames, height, width, channels).
 *
 * Frames come in chunks. A causal convolution sees the last frames of the chunk
 * before, which `past` keeps between chunks; before the first chunk they are zero.
 */
import type { Recorder } from '../gpu/program';
import { reshape, type Tensor } from '../gpu/tensor';
import type { Linear } from '../gpu/weight_tree';
import { conv } from '../kernels/conv';
import { type ConvWindow, convWindow, pastOf } from '../kernels/conv_window';
import { matmul } from '../kernels/matmul';
import { softmax } from '../kernels/softmax';
import { transpose } from '../kernels/transpose';
import type { ConvWeights, MiddleWeights, ResBlockWeights } from './weights';

/** What one recording of a coder needs beside weights and input. */
export interface Chunk {
  /** The first chunk: every past is zero, and time is not resampled. */
  readonly first: boolean;
  /** Leave out what meets only zeros: an exact saving. */
  readonly savings: boolean;
  /** The past of the convolution of this name, by shape; the same tensor for the same name. */
  readonly past: (name: string, shape: readonly number[]) => Tensor;
  /** Keep what a convolution reads below this (WINDOW_BYTES of decoder.ts unless given) and within one binding, where taking fewer frames can. */
  readonly windowBytes?: number;
  readonly tap: (name: string, tensor: Tensor) => void;
}

/** Frames of the past that a 3-tap causal convolution sees. */
export const PAST_FRAMES = 2;

/** A 3×3×3 causal convolution after RMS norm and SiLU, or straight from x. */
export function causalConv(
  r: Recorder,
  chunk: Chunk,
  name: string,
  x: Tensor,
  weights: ConvWeights,
  options: { gamma?: Tensor; plus?: Tensor; addTo?: Tensor } = {},
): Tensor {
  const { gamma, plus, addTo } = options;
  const [, height = 0, width = 0, channels = 0] = x.shape;
  const past = chunk.past(name, [PAST_FRAMES, (height + 1) * (width + 1), channels]);
  const window = convWindow(r, x, {
    label: name,
    border: 1,
    past: chunk.first ? PAST_FRAMES : past,
    ...(gamma && { norm: { gamma, activation: 'silu' } }),
  });
  keepPast(r, name, window, PAST_FRAMES, past);
  return conv(r, window, weights.weight, { label: name, bias: weights.bias, skipZeros: chunk.savings, plus, addTo });
}

export function keepPast(r: Recorder, name: string, window: ConvWindow, frames: number, past: Tensor): void {
  r.copy(`${name} past`, pastOf(window, frames), past);
}

/** x (…, from) → (…, to) by a linear layer on the channels of every pixel. */
export function pointwiseConv(r: Recorder, name: string, x: Tensor, { weight, bias }: Linear): Tensor {
  const channels = x.shape.at(-1)!;
  const pixels = x.shape.slice(0, -1);
  const rows = reshape(x, [pixels.reduce((count, size) => count * size, 1), channels]);
  return reshape(matmul(r, rows, weight, { label: name, bias }), [...pixels, weight.shape[0]!]);
}

/** The result takes the place of x where the width stays, unless `keep` says that x is needed once more. */
export function resBlock(
  r: Recorder,
  chunk: Chunk,
  name: string,
  x: Tensor,
  weights: ResBlockWeights,
  keep = false,
): Tensor {
  const { norm1, conv1, norm2, conv2, shortcut } = weights;
  const residual = shortcut ? pointwiseConv(r, `${name}.shortcut`, x, shortcut) : x;
  const h = causalConv(r, chunk, `${name}.conv1`, x, conv1, { gamma: norm1 });
  const way = keep && !shortcut ? { plus: residual } : { addTo: residual };
  return causalConv(r, chunk, `${name}.conv2`, h, conv2, { gamma: norm2, ...way });
}

export function middle(r: Recorder, chunk: Chunk, name: string, x: Tensor, weights: MiddleWeights): Tensor {
  const before = resBlock(r, chunk, `${name}.0`, x, weights.before);
  chunk.tap('middle0', before);
  const attended = spatialAttention(r, `${name}.1`, before, weights);
  chunk.tap('middle1', attended);
  const after = resBlock(r, chunk, `${name}.2`, attended, weights.after);
  chunk.tap('middle2', after);
  return after;
}

/**
 * x + proj(softmax(q·kᵀ / √channels)·v), one head over the pixels of the one
 * frame a chunk has here. The head is too wide for the attention kernel; scores
 * are stored, since there are few: 3,520² at 720p.
 */
function spatialAttention(r: Recorder, name: string, x: Tensor, { norm, qkv, proj }: MiddleWeights): Tensor {
  const [frames = 0, height = 0, width = 0, channels = 0] = x.shape;
  if (frames !== 1) throw new Error(`${name}: a chunk has ${frames} frames in the middle, expected is 1.`);
  const pixels = height * width;
  const window = convWindow(r, x, { label: `${name}.norm`, border: 0, norm: { gamma: norm, activation: 'none' } });
  const [q, k, v] = [0, 1, 2].map((part) =>
    reshape(
      conv(r, window, qkv.weight, {
        label: `${name}.to_qkv`,
        bias: qkv.bias,
        columns: { start: part * channels, count: channels },
      }),
      [pixels, channels],
    ),
  ) as [Tensor, Tensor, Tensor];
  const scores = matmul(r, q, k, { label: `${name}.scores`, type: 'f32' });
  const shares = softmax(r, scores, { label: `${name}.softmax`, scale: 1 / Math.sqrt(channels) });
  const mixed = matmul(r, shares, transpose(r, v, `${name}.value`), { label: `${name}.mixed` });
  const projected = matmul(r, mixed, proj.weight, {
    label: `${name}.proj`,
    bias: proj.bias,
    addTo: reshape(x, [pixels, channels]),
  });
  return reshape(projected, x.shape);
}
