/** A stored matrix as f32: where a product would decode it again for every few of many rows, decoding it once is less. */
import source from '../../shaders/unpack.wgsl?raw';
import type { Cost } from '../core/cost';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { compose, words } from './kernel';
import { weightPart } from './weight_parts';

/** Vectors of four that a workgroup makes. */
const PER_GROUP = 64 * 8;

/** weight (rows, depth) of any stored type, depth a multiple of 4 → the same in f32, without factors for rows. */
export function unpack(r: Recorder, weight: Tensor, label: string): Tensor {
  const result = r.tensor(label, weight.shape, 'f32');
  const vectors = elements(weight.shape) / 4;
  r.dispatch({
    label,
    shader: compose({ name: 'unpack', source, parts: [weightPart(weight)] }),
    bindings: { 1: result, 2: weight },
    params: words(vectors),
    groups: Math.ceil(vectors / PER_GROUP),
    cost: unpackCost(weight, result),
  });
  return result;
}

export function unpackCost(weight: Tensor, result: Tensor): Cost {
  return { flops: flops(0), bytes: bytes(tensorBytes(weight) + tensorBytes(result)) };
}
