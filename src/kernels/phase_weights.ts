/** Weights of nearest upsampling and the 3×3 convolution after it, merged into four 2×2 convolutions. */
import source from '../../shaders/phase_weights.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { compose, expectShape, words } from './kernel';
import { expectElements, weightPart } from './weight_parts';

const THREADS = 64;

/**
 * stored (columns, channels, 3, 3) → `into` (2, 2, columns, 2, 2, channels): phases by row and column, then taps.
 * f32, since a sum of weights has more digits than a weight. Channels are a multiple of 4.
 */
export function phaseWeights(r: Recorder, stored: Tensor, into: Tensor, label: string): void {
  const [columns = 0, channels = 0] = stored.shape;
  expectElements(label, stored);
  if (channels % 4 !== 0 || into.type !== 'f32')
    throw new AppError(
      'shape-mismatch',
      `${label}: stored [${stored.shape}] into ${into.type}: channels must be a multiple of 4, the result f32.`,
    );
  expectShape(label, stored, [columns, channels, 3, 3]);
  expectShape(label, into, [2, 2, columns, 2, 2, channels]);
  r.dispatch({
    label,
    shader: compose({ name: 'phase_weights', source, parts: [weightPart(stored)] }),
    bindings: { 1: into, 2: stored },
    params: words(columns, channels / 4),
    groups: Math.ceil((columns * channels) / 4 / THREADS),
    cost: phaseWeightsCost(stored, into),
  });
}

/** For each phase every stored tap is added once. */
export function phaseWeightsCost(stored: Tensor, into: Tensor): Cost {
  return { flops: flops(4 * elements(stored.shape)), bytes: bytes(tensorBytes(stored) + tensorBytes(into)) };
}
