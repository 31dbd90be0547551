/** Euler's method on the velocity: next = sample + (σ' − σ)·velocity, as FlowMatchEulerDiscreteScheduler of diffusers. */
import { firstOrder, type StepRule } from './step_weights';

export const eulerWeights: StepRule = firstOrder;
