/**
 * A solver on the GPU: its recipes as programs that are bound once. One program
 * fills one slot from all the others; what changes from step to step are the
 * weights alone, and those lie in a tensor that is rewritten before each step.
 */
import type { BoundProgram } from '../gpu/bind';
import { bindTogether, type GpuContext } from '../gpu/context';
import { record } from '../gpu/program';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { writeNumbers } from '../gpu/transfer';
import { COMBINE_TERMS, combine } from '../kernels/combine';
import type { Recipe, Slot } from './recipe';
import type { Solver } from './solver';

export interface BoundSolver {
  /**
   * Writes the weights of this step and gives its two updates, x0 then next, to be run after its forwards.
   * They must be submitted before another step is asked for; they need not have finished.
   */
  updates(step: number): readonly BoundProgram[];
  destroy(): void;
}

/** A tensor for every slot of the solver, f32 and of the latents' shape. */
export function solverSlots(solver: Solver, shape: readonly number[]): ReadonlyMap<Slot, Tensor> {
  return new Map(solver.slots.map((slot) => [slot, externalTensor(slot, shape, 'f32')]));
}

const targetsOf = ({ steps }: Solver) => [...new Set(steps.flatMap(({ x0, next }) => [x0.target, next.target]))];

/** What changes from step to step: a row for each slot that is filled. */
export const solverWeights = (solver: Solver): Tensor =>
  externalTensor('solver weights', [targetsOf(solver).length, COMBINE_TERMS], 'f32');

/** The slots must have memory; they stay the caller's. */
export async function bindSolver(
  context: GpuContext,
  solver: Solver,
  slots: ReadonlyMap<Slot, Tensor>,
): Promise<BoundSolver> {
  const { memory } = context;
  const targets = targetsOf(solver);
  const sourcesOf = (target: Slot) => solver.slots.filter((slot) => slot !== target);

  const weights = solverWeights(solver);
  await memory.allocate([weights]);
  const programs = targets.map(
    (target, row) =>
      record(`update ${target}`, { activation: 'f32' }, (r) =>
        combine(
          r,
          slots.get(target)!,
          sourcesOf(target).map((source) => slots.get(source)!),
          { label: target, weights, row },
        ),
      ).program,
  );
  const group = await bindTogether(context, programs).catch((failure) => {
    memory.free([weights]);
    throw failure;
  });

  const values = new Float32Array(targets.length * COMBINE_TERMS);
  const setWeights = ({ target, terms }: Recipe) => {
    const row = targets.indexOf(target);
    values.fill(0, row * COMBINE_TERMS, (row + 1) * COMBINE_TERMS);
    for (const { source, weight } of terms) values[row * COMBINE_TERMS + sourcesOf(target).indexOf(source)] = weight;
    return group.programs[row]!;
  };
  return {
    updates(step) {
      const { x0, next } = solver.steps[step]!;
      const programs = [x0, next].map(setWeights);
      writeNumbers(memory, weights, values);
      return programs;
    },
    destroy() {
      group.destroy();
      memory.free([weights]);
    },
  };
}
