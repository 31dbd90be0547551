/**
 * A solver, laid out before the first forward: for every step two recipes that
 * a kernel for linear combinations runs between the forwards.
 *
 *     x0    x0 slot ← sample − σ·velocity     the prediction, also what a preview decodes
 *     next  sample  ← velocity, x0 slots      corrector (UniPC) and predictor in one
 *
 * `next` takes the old sample as x0 + σ·velocity, so the network's input stays
 * in one buffer and no recipe writes what it reads. Guidance is folded into the
 * weights. The x0 slots are a ring: step i writes slot i mod n, nothing is
 * copied. Buffers, with and without guidance:
 *
 *     euler 4 / 3    dpm++ 5 / 4    unipc 6 / 5
 *
 * State between steps is `sample` and the x0 slots; restoring them resumes a run.
 */
import type { ClipSettings } from '../core/clip';
import { AppError } from '../core/errors';
import { dpmppWeights } from './dpmpp';
import { eulerWeights } from './euler';
import { type Recipe, recipe, type Slot, velocityTerms, X0_SLOTS, type X0Slot } from './recipe';
import { createFewStepSchedule, createSchedule, FEW_STEPS, type Schedule, type SolverKind } from './schedule';
import type { StepRule } from './step_weights';
import { unipcWeights } from './unipc';

/** `history`: how many x0 predictions a step combines, its own included. */
const RULES: Readonly<Record<SolverKind, { readonly weights: StepRule; readonly history: 1 | 2 | 3 }>> = {
  unipc: { weights: unipcWeights, history: 3 },
  'dpm++': { weights: dpmppWeights, history: 2 },
  euler: { weights: eulerWeights, history: 1 },
};

export interface SolverStep {
  /** What the network is told, 0 … 1000. */
  readonly timestep: number;
  readonly sigma: number;
  /** Run first; its target holds this step's x0 prediction. */
  readonly x0: Recipe;
  /** Run second; its target is `sample`. */
  readonly next: Recipe;
}

export interface Solver {
  readonly kind: SolverKind;
  /** Every buffer the recipes name. */
  readonly slots: readonly Slot[];
  readonly steps: readonly SolverStep[];
}

/** `guidance` 1 means none: the unconditional forward is then neither needed nor read. */
export function createSolver(kind: SolverKind, schedule: Schedule, guidance = 1): Solver {
  if (!Number.isFinite(guidance)) {
    throw new AppError('input-invalid', `A guidance of ${guidance} was asked for. Choose a number, 1 for none.`);
  }
  const { weights, history } = RULES[kind];
  const x0Slots = X0_SLOTS.slice(0, history);
  const x0Slot = (step: number): X0Slot => x0Slots[step % history]!;

  const steps = schedule.timesteps.map((timestep, step): SolverStep => {
    const sigma = schedule.sigmas[step]!;
    const { sample, x0 } = weights(schedule.sigmas, step);
    const [now = 0, ...before] = x0;
    return {
      timestep,
      sigma,
      x0: recipe(x0Slot(step), [{ source: 'sample', weight: 1 }, ...velocityTerms(-sigma, guidance)]),
      next: recipe('sample', [
        ...velocityTerms(sample * sigma, guidance),
        { source: x0Slot(step), weight: now + sample },
        ...before.map((weight, k) => ({ source: x0Slot(step - 1 - k + history), weight })),
      ]),
    };
  });
  const velocities: Slot[] = guidance === 1 ? ['conditional'] : ['conditional', 'unconditional'];
  return { kind, slots: ['sample', ...velocities, ...x0Slots], steps };
}

/** What a clip's settings ask for: even steps, or those that the checkpoint was distilled for. Throws input-invalid. */
export function solverFor({
  solver,
  schedule,
  steps,
  shift,
  guidance,
}: Pick<ClipSettings, 'solver' | 'schedule' | 'steps' | 'shift' | 'guidance'>): Solver {
  const levels =
    schedule === 'even' ? createSchedule(solver, steps, shift) : createFewStepSchedule(FEW_STEPS[schedule]);
  return createSolver(solver, levels, guidance);
}
