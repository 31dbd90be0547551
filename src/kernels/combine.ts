/** Linear combinations of tensors: the updates of a solver, guidance. Weights may change from run to run. */
import source from '../../shaders/combine.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { compose, expectShape, words } from './kernel';

/** Sources bound at once; with the target and the weights they fill the eight storage bindings every adapter has. */
export const COMBINE_TERMS = 6;
const THREADS = 64;

export interface CombineOptions {
  readonly label: string;
  /** (rows, COMBINE_TERMS), f32: whoever runs the program writes it beforehand. */
  readonly weights: Tensor;
  /** Which row of the weights is meant; its entry j belongs to source j, and 0 means that the source is not read. */
  readonly row: number;
}

/** Up to six sources, all f32 of the target's shape; none may be the target itself. */
export function combine(
  r: Recorder,
  target: Tensor,
  sources: readonly Tensor[],
  { label, weights, row }: CombineOptions,
): void {
  const first = sources[0];
  if (!first || sources.length > COMBINE_TERMS || sources.some(({ storage }) => storage === target.storage))
    throw new Error(`${label}: ${sources.length} sources, where 1 to ${COMBINE_TERMS} beside the target are needed.`);
  for (const tensor of [target, weights, ...sources]) {
    if (tensor.type !== 'f32')
      throw new AppError('shape-mismatch', `${label}: ${tensor.storage.label} holds ${tensor.type}, needed is f32.`);
  }
  for (const tensor of sources) expectShape(label, tensor, target.shape);
  expectShape(`${label} weights`, weights, [weights.shape[0]!, COMBINE_TERMS]);

  // Places without a source repeat the first; their weight is 0, so nothing is read there.
  const bound = Array.from({ length: COMBINE_TERMS }, (_, term) => [3 + term, sources[term] ?? first] as const);
  r.dispatch({
    label,
    shader: compose({ name: 'combine', source }),
    bindings: { 1: target, 2: weights, ...Object.fromEntries(bound) },
    params: words(elements(target.shape), row),
    groups: Math.ceil(elements(target.shape) / THREADS),
    cost: combineCost(target, sources.length),
  });
}

/** With every weight in use. */
export function combineCost(target: Tensor, terms: number): Cost {
  return { flops: flops(2 * terms * elements(target.shape)), bytes: bytes((terms + 1) * tensorBytes(target)) };
}
