/** What the decoder makes of a chunk, as frames of video. */
import source from '../../shaders/frames_out.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor } from '../gpu/tensor';
import { activationType, compose, expectShape, words } from './kernel';

/** patches (count, height/2, width/2, 12) → `frames` (3, count, height, width) f32, clamped to [−1, 1]. */
export function framesOut(r: Recorder, patches: Tensor, frames: Tensor): void {
  const [, count = 0, height = 0, width = 0] = frames.shape;
  expectShape('frames_out', patches, [count, height / 2, width / 2, 12]);
  const size = elements(frames.shape);
  r.dispatch({
    label: 'frames_out',
    shader: compose({ name: 'frames_out', source, types: { Value: activationType(patches) } }),
    bindings: { 1: patches, 2: frames },
    params: words(count, height / 2, width / 2),
    groups: Math.ceil(size / 64),
    cost: { flops: flops(0), bytes: bytes(size * 8) },
  });
}
