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
  expectElements(label, stored);
  if (channels % 4 !== 0 || taps.length < 2 || taps.length > 3 || into.type !== stored.type)
    throw new AppError(
      'shape-mismatch',
      `${label}: stored [${stored.shape}] of type ${stored.type} into ${into.type}: types must agree, and the channels, the second of 4 or 5 dimensions, be a multiple of 4.`,
    );
  expectShape(label, into, [columns, ...(taps.length === 2 ? [1, ...taps] : taps), channels]);
  const wordCount = tensorBytes(into) / 4;
  r.dispatch({
    label,
    shader: compose({ name: 'conv_weights', source, tuning: { PER_WORD: 4 / ELEMENT_BYTES[stored.type] } }),
    bindings: { 1: stored, 2: into },
    params: words(wordCount, channels, elements(taps)),
    groups: Math.ceil(wordCount / THREADS),
    cost: packConvCost(stored),
  });
}

export function packConvCost(stored: Tensor): Cost {
  return { flops: flops(0), bytes: bytes(2 * tensorBytes(stored)) };
}
