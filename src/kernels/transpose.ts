/** A matrix with rows and columns exchanged: what stands on the right of a product must have its depth innermost. */
import source from '../../shaders/transpose.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, compose, words } from './kernel';

const THREADS = 64;

/** x (rows, columns), rows a multiple of 4 → (columns, rows). */
export function transpose(r: Recorder, x: Tensor, label: string): Tensor {
  const [rows = 0, columns = 0] = x.shape;
  if (rows % 4 !== 0)
    throw new AppError('shape-mismatch', `${label}: ${rows} rows to transpose; they must be a multiple of 4.`);
  const result = r.tensor(label, [columns, rows], x.type);
  r.dispatch({
    label,
    shader: compose({ name: 'transpose', source, types: { Value: activationType(x) } }),
    bindings: { 1: x, 2: result },
    params: words(rows / 4, columns),
    groups: Math.ceil(elements(x.shape) / 4 / THREADS),
    cost: transposeCost(x),
  });
  return result;
}

export function transposeCost(x: Tensor): Cost {
  return { flops: flops(0), bytes: bytes(2 * tensorBytes(x)) };
}
