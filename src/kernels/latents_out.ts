/** The encoder's means as a frame of normalised latents. */
import source from '../../shaders/latents_out.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import type { Tensor } from '../gpu/tensor';
import { activationType, compose, expectShape, words } from './kernel';

/** pixels (1, height, width, 2 · z) → frame `frame` of latents (z, frames, height, width) f32; moments (2, z) f32. */
export function latentsOut(r: Recorder, pixels: Tensor, moments: Tensor, latents: Tensor, frame: number): void {
  const [channels = 0, frames = 0, height = 0, width = 0] = latents.shape;
  expectShape('latents_out', pixels, [1, height, width, 2 * channels]);
  expectShape('latents_out', moments, [2, channels]);
  const count = height * width * channels;
  r.dispatch({
    label: 'latents_out',
    shader: compose({ name: 'latents_out', source, types: { Value: activationType(pixels) } }),
    bindings: { 1: pixels, 2: moments, 3: latents },
    params: words(channels, frames, height * width, frame),
    groups: Math.ceil(count / 64),
    cost: { flops: flops(2 * count), bytes: bytes(count * 8) },
  });
}
