/** What a decoder makes of a chunk, as frames of video. */
import source from '../../shaders/frames_out.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor } from '../gpu/tensor';
import { activationType, compose, expectShape, f32, words } from './kernel';

/** How a decoder lays out and bounds its pixels. */
export interface PatchForm {
  /** What comes first in the four channels that a colour has in a patch. */
  readonly order: 'column-row' | 'row-column';
  /** Black and white. */
  readonly range: readonly [number, number];
}

export const VAE_PATCHES: PatchForm = { order: 'column-row', range: [-1, 1] };
export const TINY_PATCHES: PatchForm = { order: 'row-column', range: [0, 1] };

/** patches (count, height/2, width/2, 12) → `frames` (3, count, height, width) f32, clamped to black and white: [−1, 1]. */
export function framesOut(
  r: Recorder,
  patches: Tensor,
  frames: Tensor,
  { order, range: [black, white] }: PatchForm = VAE_PATCHES,
): void {
  const [, count = 0, height = 0, width = 0] = frames.shape;
  expectShape('frames_out', patches, [count, height / 2, width / 2, 12]);
  const size = elements(frames.shape);
  const [rowStep, columnStep] = order === 'row-column' ? [2, 1] : [1, 2];
  const scale = 2 / (white - black);
  r.dispatch({
    label: 'frames_out',
    shader: compose({ name: 'frames_out', source, types: { Value: activationType(patches) } }),
    bindings: { 1: patches, 2: frames },
    params: words(count, height / 2, width / 2, rowStep, columnStep, f32(scale), f32(-1 - black * scale)),
    groups: Math.ceil(size / 64),
    cost: { flops: flops(0), bytes: bytes(size * 8) },
  });
}
