/**
 * UniPC of order 2, B₂(h), predicting x0 (arXiv:2302.04867), as Wan2.2's
 * FlowUniPCMultistepScheduler runs it with lower_order_final.
 *
 * Once the network has answered at the new point, the corrector redoes the step
 * that led there with the answer included, and the predictor goes on from the
 * corrected sample. Published code keeps the sample before the step for that.
 * Predictor and corrector share all terms but one bracket, so their difference
 *
 *     corrected − sample = (1 − σᵢ/σᵢ₋₁)·(ρ₀·D₁ + ρ₁·(x0ᵢ − x0ᵢ₋₁) − ½·D₁),   D₁ = (x0ᵢ₋₂ − x0ᵢ₋₁)/r
 *
 * needs x0 predictions only: one buffer less, and one dispatch for both.
 */
import { firstOrder, logSnr, previousDistance, type StepRule, secondOrder } from './step_weights';

export const unipcWeights: StepRule = (sigmas, step) => {
  const predictor = orderOf(sigmas, step) === 2 ? secondOrder(sigmas, step) : firstOrder(sigmas, step);
  if (step === 0) return predictor;
  const correction = corrections(sigmas, step);
  const [now, before = 0] = predictor.x0 as [number, number?];
  return {
    sample: predictor.sample,
    x0: [now, before, 0].map((weight, k) => weight + predictor.sample * correction[k]!),
  };
};

/** Rises with the history, falls to 1 for the last step, which ends at infinite λ. */
function orderOf(sigmas: readonly number[], step: number): 1 | 2 {
  return step === 0 || step === sigmas.length - 2 ? 1 : 2;
}

/** corrected − sample, as weights of the x0 predictions of this step, the one before and the one before that. */
function corrections(sigmas: readonly number[], step: number): [number, number, number] {
  const gain = 1 - sigmas[step]! / sigmas[step - 1]!;
  if (orderOf(sigmas, step - 1) === 1) return [gain * 0.5, gain * -0.5, 0];

  // ρ₀ + ρ₁ = b₁ and r·ρ₀ + ρ₁ = b₂: the corrector is exact for x0 linear and quadratic in λ.
  const h = logSnr(sigmas[step]!) - logSnr(sigmas[step - 1]!);
  const r = previousDistance(sigmas, step - 1);
  const phi1 = Math.expm1(-h);
  const phi2 = -phi1 / h - 1;
  const phi3 = -phi2 / h - 0.5;
  const [b1, b2] = [phi2 / phi1, (2 * phi3) / phi1];
  const rho0 = (b1 - b2) / (1 - r);
  const rho1 = b1 - rho0;
  const slope = (rho0 - 0.5) / r;
  return [gain * rho1, gain * (-rho1 - slope), gain * slope];
}
