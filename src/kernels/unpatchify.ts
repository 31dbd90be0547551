/** Rows of the DiT's head back to latents. */
import source from '../../shaders/unpatchify.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor } from '../gpu/tensor';
import { compose, expectShape, words } from './kernel';

/** rows (frames · height/2 · width/2, 4 · channels) f32 → `latents` (channels, frames, height, width) f32. */
export function unpatchify(r: Recorder, rows: Tensor, latents: Tensor): void {
  const [channels = 0, frames = 0, height = 0, width = 0] = latents.shape;
  expectShape('unpatchify', rows, [(frames * height * width) / 4, channels * 4]);
  r.dispatch({
    label: 'unpatchify',
    shader: compose({ name: 'unpatchify', source }),
    bindings: { 1: rows, 2: latents },
    params: words(channels, frames, height / 2, width / 2),
    groups: Math.ceil(elements(latents.shape) / 64),
    cost: { flops: flops(0), bytes: bytes(elements(latents.shape) * 8) },
  });
}
