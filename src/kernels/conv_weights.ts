/** Convolution weights from the order of a checkpoint to the order `conv` reads: channels last. */
import source from '../../shaders/conv_weights.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { compose, expectShape, words } from './kernel';
import { expectElements } from './weight_parts';

const THREADS = 64;

/**
 * stored (columns, channels, [frames,] rows, columns of taps) → `into` (columns, frames, rows, columns of taps,
 * channels) of the same type, of one of those whose blocks are single elements, bit for bit. Channels are a multiple of 4.
 */
export function packConv(r: Recorder, stored: Tensor, into: Tensor, label: string): void {
  const [columns = 0, channels = 0, ...taps] = stored.shape;
  if (channels % 4 !== 0 || taps.length < 2 || taps.length > 3 || into.type !== stored.type)
    throw new AppError(
      'shape-mismatch',
      `${label}: stored [${stored.shape}] of type ${stored.type} into ${into.type}: types must agree, and the channels, the second of 4 or 5 dimensions, be a multiple of 4.`,
    );
  expectShape(label, into, [columns, ...(taps.length === 2 ? [1, ...taps] : taps), channels]);
  pack(r, stored, into, label, { channels, taps: elements(taps), swap: 0 });
}

/**
 * The same for a 2-D convolution of a frame and the one before it, beside each other as channels: stored (columns,
 * 2 · channels, rows, columns of taps), the present frame's channels first → `into` (columns, 2, rows, columns of
 * taps, channels), where the past frame is first, as in a window.
 */
export function packPairConv(r: Recorder, stored: Tensor, into: Tensor, label: string): void {
  const [columns = 0, pairChannels = 0, ...taps] = stored.shape;
  const channels = pairChannels / 2;
  if (channels % 4 !== 0 || taps.length !== 2 || into.type !== stored.type)
    throw new AppError(
      'shape-mismatch',
      `${label}: stored [${stored.shape}] of type ${stored.type} into ${into.type}: types must agree, and the channels, the second of 4 dimensions, be a multiple of 8.`,
    );
  expectShape(label, into, [columns, 2, ...taps, channels]);
  pack(r, stored, into, label, { channels, taps: elements(taps), swap: 1 });
}

function pack(
  r: Recorder,
  stored: Tensor,
  into: Tensor,
  label: string,
  { channels, taps, swap }: { channels: number; taps: number; swap: 0 | 1 },
): void {
  expectElements(label, stored);
  const wordCount = tensorBytes(into) / 4;
  r.dispatch({
    label,
    shader: compose({ name: 'conv_weights', source, tuning: { PER_WORD: 4 / ELEMENT_BYTES[stored.type] } }),
    bindings: { 1: stored, 2: into },
    params: words(wordCount, channels, taps, swap),
    groups: Math.ceil(wordCount / THREADS),
    cost: packConvCost(stored),
  });
}

export function packConvCost(stored: Tensor): Cost {
  return { flops: flops(0), bytes: bytes(2 * tensorBytes(stored)) };
}
