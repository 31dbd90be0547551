/**
 * DPM-Solver++(2M), midpoint (arXiv:2211.01095), as Wan2.2's FlowDPMSolverMultistepScheduler runs it: the first step
 * has no history and the last, to σ = 0, no finite length, so both are of first order.
 */
import { firstOrder, type StepRule, secondOrder } from './step_weights';

export const dpmppWeights: StepRule = (sigmas, step) => {
  const last = sigmas.length - 2;
  return step === 0 || step === last ? firstOrder(sigmas, step) : secondOrder(sigmas, step);
};
