/** A copy inside GPU memory: what the memory can move at best. */
import source from '../../shaders/roof_copy.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { compose, expectShape, words } from './kernel';

/** Two f32 tensors of the same shape, a multiple of 4 elements. Counts the bytes read and the bytes written. */
export function roofCopy(r: Recorder, from: Tensor, to: Tensor): void {
  expectShape('roof copy', to, from.shape);
  const count = elements(from.shape) / 4;
  r.dispatch({
    label: 'roof copy',
    shader: compose({ name: 'roof_copy', source }),
    bindings: { 1: from, 2: to },
    params: words(count),
    groups: Math.ceil(count / 256),
    cost: { flops: flops(0), bytes: bytes(2 * tensorBytes(from)) },
  });
}
