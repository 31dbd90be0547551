/** Latents to rows of 1×2×2 patches, ready for the patch embedding. */
import source from '../../shaders/patchify.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, elements, type Tensor } from '../gpu/tensor';
import { compose, words } from './kernel';

/** latents (channels, frames, height, width) f32 → (frames · height/2 · width/2, channels · 4). Height and width are even. */
export function patchify(r: Recorder, latents: Tensor): Tensor {
  const [channels = 0, frames = 0, height = 0, width = 0] = latents.shape;
  const rows = r.tensor('patches', [(frames * height * width) / 4, channels * 4]);
  r.dispatch({
    label: 'patchify',
    shader: compose({ name: 'patchify', source, types: { Result: r.options.activation } }),
    bindings: { 1: latents, 2: rows },
    params: words(channels, frames, height / 2, width / 2),
    groups: Math.ceil(elements(latents.shape) / 4 / 64),
    cost: { flops: flops(0), bytes: bytes(elements(latents.shape) * (4 + ELEMENT_BYTES[rows.type])) },
  });
  return rows;
}
