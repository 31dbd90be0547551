/** Softmax over rows of scores, for attention whose head is too wide for the attention kernel. */
import rowMax from '../../shaders/lib/row_max.wgsl?raw';
import rowSum from '../../shaders/lib/row_sum.wgsl?raw';
import source from '../../shaders/softmax.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, compose, f32, type Tuning, words } from './kernel';

export interface SoftmaxTuning extends Tuning {
  readonly WORKGROUP: number;
}

export const SOFTMAX_VARIANTS: readonly SoftmaxTuning[] = [{ WORKGROUP: 128 }, { WORKGROUP: 32 }, { WORKGROUP: 256 }];

export interface SoftmaxOptions {
  readonly label: string;
  /** Of the scores, before the exponential. */
  readonly scale: number;
  readonly tuning?: SoftmaxTuning;
}

/** x (rows, columns) f32, columns a multiple of 4 → the same shape in the activation type. */
export function softmax(
  r: Recorder,
  x: Tensor,
  { label, scale, tuning = SOFTMAX_VARIANTS[0]! }: SoftmaxOptions,
): Tensor {
  const [rows = 0, columns = 0] = x.shape;
  if (x.type !== 'f32' || columns % 4 !== 0)
    throw new AppError(
      'shape-mismatch',
      `${label}: scores [${x.shape}] of ${x.type}: they must be f32, in rows whose length is a multiple of 4.`,
    );
  const result = r.tensor(label, x.shape);
  r.dispatch({
    label,
    shader: compose({
      name: 'softmax',
      source,
      types: { Result: activationType(result) },
      parts: [rowMax, rowSum],
      tuning,
    }),
    bindings: { 1: x, 2: result },
    params: words(columns / 4, f32(scale)),
    groups: rows,
    cost: softmaxCost(x, result),
  });
  return result;
}

/** Maximum, difference, scale, exponential, sum, share: one operation each. */
export function softmaxCost(x: Tensor, result: Tensor): Cost {
  return { flops: flops(6 * elements(x.shape)), bytes: bytes(tensorBytes(x) + tensorBytes(result)) };
}
