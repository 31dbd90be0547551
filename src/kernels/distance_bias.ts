/** UMT5's relative-position bias: 32 buckets of distance, one number a head. */
import source from '../../shaders/distance_bias.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import type { Tensor } from '../gpu/tensor';
import { compose, words } from './kernel';
import { expectPlain, weightPart } from './weight_parts';

/**
 * Bucket of each distance key − query from −(length − 1) to length − 1, as T5
 * has it: half the buckets for each direction, half of those exact, the rest
 * spaced by logarithm up to `maxDistance`. (Raffel et al. 2020, §2.1.)
 */
export function distanceBuckets(length: number, buckets: number, maxDistance: number): Uint32Array<ArrayBuffer> {
  const half = buckets / 2;
  const exact = half / 2;
  return Uint32Array.from({ length: 2 * length - 1 }, (_, i) => {
    const distance = i - (length - 1);
    const far = Math.abs(distance);
    const spaced = exact + Math.floor((Math.log(far / exact) / Math.log(maxDistance / exact)) * (half - exact));
    return (distance > 0 ? half : 0) + (far < exact ? far : Math.min(spaced, half - 1));
  });
}

/** bucket (2 · length − 1) u32, weight (buckets, heads) → (heads, 2 · length − 1) f32. */
export function distanceBias(r: Recorder, bucket: Tensor, weight: Tensor, label: string): Tensor {
  expectPlain(label, weight);
  const distances = bucket.shape[0]!;
  const heads = weight.shape[1]!;
  const bias = r.tensor(label, [heads, distances], 'f32');
  r.dispatch({
    label,
    shader: compose({ name: 'distance_bias', source, parts: [weightPart(weight)] }),
    bindings: { 1: bucket, 2: weight, 3: bias },
    params: words(distances, heads),
    groups: Math.ceil((distances * heads) / 64),
    cost: { flops: flops(0), bytes: bytes(8 * distances * heads) },
  });
  return bias;
}
