/** A frame of normalised latents as a decoder takes it. */
import source from '../../shaders/latents_in.wgsl?raw';
import momentsPart from '../../shaders/lib/latents_moments.wgsl?raw';
import softClampPart from '../../shaders/lib/latents_soft_clamp.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, type Tensor } from '../gpu/tensor';
import { compose, expectShape, words } from './kernel';

/**
 * latents (z, frames, height, width) f32 → (1, height, width, z): un-normalised by moments (2, z) f32, mean and
 * deviation, as the VAE takes them; or 3 · tanh(x ÷ 3), as the tiny decoder does.
 */
export function latentsIn(r: Recorder, latents: Tensor, style: Tensor | 'soft-clamp', frame: number): Tensor {
  const [channels = 0, frames = 0, height = 0, width = 0] = latents.shape;
  const moments = style === 'soft-clamp' ? undefined : style;
  if (moments) expectShape('latents_in', moments, [2, channels]);
  const pixels = r.tensor('latents', [1, height, width, channels]);
  const count = height * width * channels;
  r.dispatch({
    label: 'latents_in',
    shader: compose({
      name: 'latents_in',
      source,
      types: { Value: r.options.activation },
      parts: [moments ? momentsPart : softClampPart],
    }),
    bindings: { 1: latents, ...(moments && { 2: moments }), 3: pixels },
    params: words(channels, frames, height * width, frame),
    groups: Math.ceil(count / 4 / 64),
    cost: { flops: flops(2 * count), bytes: bytes(count * (4 + ELEMENT_BYTES[pixels.type])) },
  });
  return pixels;
}
