/** A chunk of video as the encoder takes it. */
import source from '../../shaders/frames_in.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, elements, type Tensor } from '../gpu/tensor';
import { compose, words } from './kernel';

/** frames (3, all, height, width) f32 in [−1, 1] → frames [first, first + count) as (count, height/2, width/2, 12). */
export function framesIn(r: Recorder, frames: Tensor, first: number, count: number): Tensor {
  const [, all = 0, height = 0, width = 0] = frames.shape;
  const patches = r.tensor('patches', [count, height / 2, width / 2, 12]);
  const size = elements(patches.shape);
  r.dispatch({
    label: 'frames_in',
    shader: compose({ name: 'frames_in', source, types: { Value: r.options.activation } }),
    bindings: { 1: frames, 2: patches },
    params: words(count, all, height / 2, width / 2, first),
    groups: Math.ceil(size / 4 / 64),
    cost: { flops: flops(0), bytes: bytes(size * (4 + ELEMENT_BYTES[patches.type])) },
  });
  return patches;
}
