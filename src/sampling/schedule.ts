/**
 * Noise levels and timesteps of flow matching: latents at level σ are
 * (1 − σ)·x0 + σ·noise, and the network is told t = 1000·σ.
 *
 * Values follow the published code to the last bit where it shows: sigmas are
 * rounded to float32, and the two Wan solvers hand the network whole timesteps.
 */
import type { ClipSettings } from '../core/clip';
import { AppError } from '../core/errors';

export type SolverKind = ClipSettings['solver'];

export interface Schedule {
  /** σ before each step and after the last: one more than steps, falling, the last 0. */
  readonly sigmas: readonly number[];
  /** What the network is told at each step, in 0 … 1000. */
  readonly timesteps: readonly number[];
}

/** The resolution of the training schedule; more steps than this have no meaning. */
const TRAIN_STEPS = 1000;

/**
 * Distilled checkpoints are trained for these timesteps and no others; they run without guidance.
 * fastwan: `dmd_denoising_steps` of FastVideo's FastWan2.2 TI2V-5B. turbo: [1000, 750, 500, 250] at shift 5, the
 * `denoising_step_list` of Wan2.2-TI2V-5B-Turbo with `warp_denoising_step`.
 */
export const FEW_STEPS = {
  fastwan: [1000, 757, 522],
  turbo: [1000, 750, 500, 250].map((timestep) => TRAIN_STEPS * shifted(timestep / TRAIN_STEPS, 5)),
} as const satisfies Record<string, readonly number[]>;

/** Evenly spaced levels, pushed towards noise by `shift` (5 for Wan2.2 TI2V-5B, 3 below 720p, 1 for none). */
export function createSchedule(kind: SolverKind, steps: number, shift: number): Schedule {
  if (!Number.isInteger(steps) || steps < 1 || steps > TRAIN_STEPS) {
    throw new AppError(
      'input-invalid',
      `${steps} steps were asked for. Choose a whole number from 1 to ${TRAIN_STEPS}.`,
    );
  }
  if (!(shift > 0 && Number.isFinite(shift))) {
    throw new AppError('input-invalid', `A shift of ${shift} was asked for. Choose a number above 0, usually 3 or 5.`);
  }
  // FlowUniPCMultistepScheduler starts at the last trained level, float32(0.999); `get_sampling_sigmas`, which
  // feeds FlowDPMSolverMultistepScheduler, starts at 1. Euler takes the latter.
  const first = kind === 'unipc' ? Math.fround(1 - 1 / TRAIN_STEPS) : 1;
  // As numpy.linspace(first, 0, steps + 1)[:-1] computes it: truncation below makes the last bit visible.
  const levels = Array.from({ length: steps }, (_, i) => shifted(i * (-first / steps) + first, shift));
  const timesteps = levels.map((sigma) => sigma * TRAIN_STEPS);
  return checked(levels, kind === 'euler' ? timesteps : timesteps.map(Math.trunc));
}

/**
 * A schedule of exactly these timesteps, as few-step checkpoints name them. The samplers published with FastWan
 * mix fresh noise into x0 between steps; here the solver goes on along the flow.
 */
export function createFewStepSchedule(timesteps: readonly number[]): Schedule {
  return checked(
    timesteps.map((timestep) => timestep / TRAIN_STEPS),
    timesteps,
  );
}

function shifted(sigma: number, shift: number): number {
  return (shift * sigma) / (1 + (shift - 1) * sigma);
}

/** Every step must remove noise: equal levels would divide by zero in the solvers. */
function checked(levels: readonly number[], timesteps: readonly number[]): Schedule {
  const sigmas = [...levels.map(Math.fround), 0];
  const falling = sigmas.every((sigma, i) => i === 0 || sigma < sigmas[i - 1]!);
  if (levels.length === 0 || !falling || !(sigmas[0]! <= 1)) {
    throw new AppError(
      'input-invalid',
      `The timesteps ${timesteps.join(', ')} do not fall from at most ${TRAIN_STEPS} to above 0. ` +
        'Choose fewer steps or another shift.',
    );
  }
  return { sigmas, timesteps };
}
