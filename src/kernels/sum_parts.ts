/** The end of a product whose depth was cut into parts (`matmul`): their sums added in order, and made a result. */
import source from '../../shaders/sum_parts.wgsl?raw';
import { bytes, flops } from '../core/units';
import { type Tensor, tensorBytes } from '../gpu/tensor';
import type { Sums } from './product_result';

/** Sums that a workgroup makes, four an invocation. */
const PER_GROUP = 64 * 4;

/** The same sums over the whole depth, of those over its parts that were kept: (parts · rows, columns), f32. */
export function sumParts({ size, start, partDepth }: Sums, kept: Tensor): Sums {
  const { rows, columns } = size;
  return {
    form: { name: 'sum_parts', source, types: {}, parts: [], tuning: { SPLIT: kept.shape[0]! / rows } },
    size,
    start,
    partDepth,
    bindings: { 1: kept },
    groups: Math.ceil((rows * columns) / PER_GROUP),
    // A product of so many terms has as many additions, and these are some of them: they are counted with it.
    cost: { flops: flops(0), bytes: bytes(tensorBytes(kept)) },
  };
}
