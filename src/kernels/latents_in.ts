/** A frame of normalised latents as the decoder takes it. */
import source from '../../shaders/latents_in.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, type Tensor } from '../gpu/tensor';
import { compose, expectShape, words } from './kernel';

/** latents (z, frames, height, width) f32, moments (2, z) f32: mean and deviation → (1, height, width, z). */
export function latentsIn(r: Recorder, latents: Tensor, moments: Tensor, frame: number): Tensor {
  const [channels = 0, frames = 0, height = 0, width = 0] = latents.shape;
  expectShape('latents_in', moments, [2, channels]);
  const pixels = r.tensor('latents', [1, height, width, channels]);
  const count = height * width * channels;
  r.dispatch({
    label: 'latents_in',
    shader: compose({ name: 'latents_in', source, types: { Value: r.options.activation } }),
    bindings: { 1: latents, 2: moments, 3: pixels },
    params: words(channels, frames, height * width, frame),
    groups: Math.ceil(count / 4 / 64),
    cost: { flops: flops(2 * count), bytes: bytes(count * (4 + ELEMENT_BYTES[pixels.type])) },
  });
  return pixels;
}
