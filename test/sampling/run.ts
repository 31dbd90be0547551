import { applyRecipe, type Recipe, type Slot } from '../../src/sampling/recipe';
import type { Solver } from '../../src/sampling/solver';

export type Slots = Partial<Record<Slot, Float32Array | Float64Array>>;

/** Runs a solver from `start`, in double precision; slots begin as NaN, so that reading one too early shows. */
export function runSolver(
  { slots: names, steps }: Solver,
  start: ArrayLike<number>,
  forward: (slots: Slots, timestep: number, sigma: number) => void,
  apply: (recipe: Recipe, slots: Slots) => void = applyRecipe,
): Float64Array[] {
  const slots: Slots = {};
  for (const name of names) slots[name] = new Float64Array(start.length).fill(Number.NaN);
  slots.sample!.set(start);
  return steps.map(({ timestep, sigma, x0, next }) => {
    forward(slots, timestep, sigma);
    apply(x0, slots);
    apply(next, slots);
    return Float64Array.from(slots.sample!);
  });
}

/** As the GPU does it: weights, products and sums in float32. */
export function applyInFloat32({ target, terms }: Recipe, slots: Slots): void {
  const { fround } = Math;
  slots[target]!.forEach((_, i) => {
    slots[target]![i] = terms.reduce(
      (sum, { source, weight }) => fround(sum + fround(fround(weight) * fround(slots[source]![i]!))),
      0,
    );
  });
}
