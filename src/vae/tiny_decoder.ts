/**
 * The tiny decoder, one latent frame at a time: plain 2-D convolutions and ReLU,
 * rough, but a small part of the VAE's work. A memory block sees its frame and
 * the one before, which `past` keeps between chunks.
 *
 * The network is madebyollin's TAEHV; the golden file holds what its code answers.
 */
import type { Recorder } from '../gpu/program';
import { rowsOf, type Tensor } from '../gpu/tensor';
import { conv } from '../kernels/conv';
import { convWindow, ownWindow, planeOf } from '../kernels/conv_window';
import { type Chunk, keepPast } from './blocks';
import { PATCH_CHANNELS } from './config';
import { framesAtOnce } from './decoder';
import type { MemoryBlockWeights, TinyConfig, TinyWeights } from './tiny_weights';
import type { ConvWeights } from './weights';

/** Frames of the past that a memory block sees. */
const PAST_FRAMES = 1;

/** Frames made of one latent frame. Of the first one's, a video has only the last. */
export const tinyFrames = ({ time_upscale }: TinyConfig): number => 2 ** time_upscale.filter(Boolean).length;

/**
 * latents (1, h, w, z), softly clamped → (frames, 8h, 8w, 12): frames in 2×2 patches, not clamped. `dropped`: leave
 * out so many at the beginning.
 */
export function decodeTinyChunk(
  r: Recorder,
  chunk: Chunk,
  { channels, time_upscale }: TinyConfig,
  { first, stages, head }: TinyWeights,
  latents: Tensor,
  dropped = 0,
): Tensor {
  const last = stages.length - 1;
  let x = conv2d(r, 'first', latents, first, 'relu');
  stages.forEach(({ blocks, time, space }, i) => {
    blocks.forEach((block, j) => (x = memoryBlock(r, chunk, `stage${i}.${j}`, x, block)));
    const label = `stage${i}.time`;
    // What is done to each pixel can as well be done before pixels are repeated 2 × 2.
    const window = chunk.savings ? ownWindow(x) : convWindow(r, x, { label, border: 0, double: true });
    x = conv(r, window, time, { label, columnFrames: time_upscale[i] ? 2 : 1 });
    if (i < last) x = conv2d(r, `stage${i}.space`, x, { weight: space });
  });

  // From here on frames need nothing of each other, so they need not be in memory together.
  const kept = rowsOf(x, dropped, x.shape[0]! - dropped);
  const toFrames = (part: Tensor) =>
    conv2d(r, 'head', conv2d(r, `stage${last}.space`, part, { weight: stages[last]!.space }, 'relu'), head);
  const count = kept.shape[0]!;
  const windowBytes = Math.min(chunk.windowBytes ?? Infinity, r.options.bindingBytes ?? Infinity);
  const [, rows = 0, columns = 0] = kept.shape;
  const windows = channels.slice(last).map((width, i) => ({ height: rows << i, width: columns << i, channels: width }));
  const atOnce = framesAtOnce(kept, windows, windowBytes);
  const [, height = 0, width = 0] = latents.shape;
  let raw: Tensor;
  if (atOnce === count) raw = toFrames(kept);
  else {
    raw = r.tensor('raw', [count, 8 * height, 8 * width, PATCH_CHANNELS], kept.type);
    for (let at = 0; at < count; at += atOnce)
      r.copy('raw', toFrames(rowsOf(kept, at, atOnce)), rowsOf(raw, at, atOnce));
  }
  chunk.tap('raw', raw);
  return raw;
}

/** relu(x + three convolutions of x and its past). The result takes the place of x. */
function memoryBlock(r: Recorder, chunk: Chunk, name: string, x: Tensor, weights: MemoryBlockWeights): Tensor {
  const [, height = 0, width = 0, channels = 0] = x.shape;
  const [pair, middle, last] = weights;
  const past = chunk.past(name, [PAST_FRAMES, planeOf(height, width, 1), channels]);
  const window = convWindow(r, x, { label: `${name}.0`, border: 1, past: chunk.first ? PAST_FRAMES : past });
  keepPast(r, name, window, PAST_FRAMES, past);
  const h = conv(r, window, pair.weight, {
    label: `${name}.0`,
    bias: pair.bias,
    skipZeros: chunk.savings,
    activation: 'relu',
  });
  return conv2d(r, `${name}.2`, conv2d(r, `${name}.1`, h, middle, 'relu'), last, 'relu', x);
}

/** A 3×3 convolution of each frame; nearest upsampling before it, where the weights are phases. */
function conv2d(
  r: Recorder,
  label: string,
  x: Tensor,
  { weight, bias }: Pick<ConvWeights, 'weight'> & Partial<ConvWeights>,
  activation: 'none' | 'relu' = 'none',
  addTo?: Tensor,
): Tensor {
  return conv(r, convWindow(r, x, { label, border: 1 }), weight, { label, bias, activation, addTo });
}
