/** Softmax over rows of scores, for attention whose head is too wide for the attention kernel. */
import source from '../../shaders/softmax.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, compose, f32, words } from './kernel';
import { type RowTuning, rowParts, rowTuning } from './row';

export interface SoftmaxOptions {
  readonly label: string;
  /** Of the scores, before the exponential. */
  readonly scale: number;
  readonly tuning?: RowTuning;
}

/** x (rows, columns) f32, columns a multiple of 4 → the same shape in the activation type. */
export function softmax(r: Recorder, x: Tensor, { label, scale, tuning: wanted }: SoftmaxOptions): Tensor {
  const [rows = 0, columns = 0] = x.shape;
  if (x.type !== 'f32' || columns % 4 !== 0)
    throw new AppError(
      'shape-mismatch',
      `${label}: scores [${x.shape}] of ${x.type}: they must be f32, in rows whose length is a multiple of 4.`,
    );
  const result = r.tensor(label, x.shape);
  const tuning = rowTuning(r, wanted);
  r.dispatch({
    label,
    shader: compose({
      name: 'softmax',
      source,
      types: { Result: activationType(result) },
      parts: rowParts(tuning),
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
