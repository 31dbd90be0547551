/** A weight matrix of any stored type as q8_0, once and on the GPU: for products of 8-bit numbers. */
import block from '../../shaders/lib/quantise_block.wgsl?raw';
import source from '../../shaders/quantise_weights.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { compose, expectShape, words } from './kernel';
import { BLOCK } from './quantise';
import { weightPart } from './weight_parts';

/** Of the shader: an invocation makes two blocks. */
const GROUP_BLOCKS = 128;

/**
 * `weight` (rows, depth) in any type that kernels decode, into `target` of the same shape in q8_0. Each block's scale is
 * its largest magnitude over 127, rounded to half precision; its numbers are rounded to nearest. Factors of rows are left
 * out, since they apply to finished sums. Throws AppError shape-mismatch for other shapes and types.
 */
export function quantiseWeights(r: Recorder, weight: Tensor, target: Tensor, label: string): void {
  expectShape(label, target, weight.shape);
  if (target.type !== 'q8_0' || weight.shape.at(-1)! % BLOCK !== 0)
    throw new AppError(
      'shape-mismatch',
      `${label}: [${weight.shape}] into ${target.type}: only q8_0 is made, of rows in whole blocks of ${BLOCK}.`,
    );
  const blocks = elements(weight.shape) / BLOCK;
  r.dispatch({
    label,
    shader: compose({ name: 'quantise_weights', source, parts: [weightPart(weight), block] }),
    bindings: { 1: target, 2: weight },
    params: words(blocks),
    groups: Math.ceil(blocks / GROUP_BLOCKS),
    cost: quantiseWeightsCost(weight, target),
  });
}

/** A magnitude, a comparison and a rounded product for each number. */
export function quantiseWeightsCost(weight: Tensor, target: Tensor): Cost {
  return { flops: flops(4 * elements(weight.shape)), bytes: bytes(tensorBytes(weight) + tensorBytes(target)) };
}
