/**
 * What the solvers have in common. All predict x0 and step the flow ODE in
 * λ = log((1 − σ)/σ), where it is semi-linear (DPM-Solver++, arXiv:2211.01095):
 *
 *     next = (σ'/σ)·sample + (1 − σ'/σ)·(x0 + correction)
 *
 * The published code writes the second factor −(1 − σ')·expm1(−h), h = λ' − λ;
 * it is the same number, without infinities at σ = 1 and σ' = 0.
 */

/** next = `sample`·sample + Σₖ `x0`[k]·(x0 prediction of k steps ago). */
export interface StepWeights {
  readonly sample: number;
  readonly x0: readonly number[];
}

/** Weights of step `step` (from 0) of the schedule with these `sigmas`. */
export type StepRule = (sigmas: readonly number[], step: number) => StepWeights;

/** λ(σ); −∞ at pure noise, +∞ at none. */
export function logSnr(sigma: number): number {
  return Math.log1p(-sigma) - Math.log(sigma);
}

/** Where the step before began, seen from this step's begin in units of this step's length: below 0. */
export function previousDistance(sigmas: readonly number[], step: number): number {
  const [before, here, next] = [step - 1, step, step + 1].map((i) => logSnr(sigmas[i]!)) as [number, number, number];
  return (before - here) / (next - here);
}

/** x0 held constant over the step. This is Euler's step of the velocity, and DDIM's. */
export function firstOrder(sigmas: readonly number[], step: number): StepWeights {
  const ratio = sigmas[step + 1]! / sigmas[step]!;
  return { sample: ratio, x0: [1 - ratio] };
}

/**
 * x0 continued half a step along the line through its last two predictions: the midpoint rule of DPM-Solver++(2M),
 * and UniP-2 with B₂(h), which are the same formula under two names.
 */
export function secondOrder(sigmas: readonly number[], step: number): StepWeights {
  const ratio = sigmas[step + 1]! / sigmas[step]!;
  const slope = 0.5 / previousDistance(sigmas, step);
  return { sample: ratio, x0: [(1 - ratio) * (1 - slope), (1 - ratio) * slope] };
}
