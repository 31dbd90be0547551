/** The sampling loop: noise in the denoiser's latents → the clip's latents, step by step. */
import type { GpuContext } from '../gpu/context';
import type { RunTime } from '../gpu/run';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { writeNumbers } from '../gpu/transfer';
import { bindSolver } from '../sampling/bound-solver';
import type { Slot } from '../sampling/recipe';
import type { Solver } from '../sampling/solver';
import type { Denoiser } from './denoiser';

export interface SampleOptions {
  readonly signal?: AbortSignal | undefined;
  /** Puts a given first frame back into the latents, after the noise is set and after every step. */
  readonly keepFixed?: () => void;
  /** After each step: its number from 1, its seconds, and the GPU's times. */
  readonly onStep?: (done: number, seconds: number, times: readonly RunTime[]) => void | Promise<void>;
}

/** `noise` fills the latents. Prompts must be set; the solver's guidance must match the denoiser's branches. */
export async function sample(
  context: GpuContext,
  denoiser: Denoiser,
  solver: Solver,
  noise: ArrayLike<number>,
  options: SampleOptions = {},
): Promise<Tensor> {
  const { memory, runner } = context;
  const { signal, keepFixed = () => {}, onStep } = options;
  const slots = new Map<Slot, Tensor>([
    ['sample', denoiser.latents],
    ['conditional', denoiser.velocities[0]!],
  ]);
  if (denoiser.velocities[1]) slots.set('unconditional', denoiser.velocities[1]);
  const own = solver.slots
    .filter((slot) => !slots.has(slot))
    .map((slot) => [slot, externalTensor(slot, denoiser.latents.shape, 'f32')] as const);
  for (const [slot, tensor] of own) slots.set(slot, tensor);
  await memory.allocate(own.map(([, tensor]) => tensor));
  const bound = await bindSolver(context, solver, slots);
  try {
    writeNumbers(memory, denoiser.latents, noise);
    keepFixed();
    await denoiser.setTimesteps(solver.steps.map(({ timestep }) => timestep));
    for (let step = 0; step < solver.steps.length; step++) {
      const began = performance.now();
      const times = await denoiser.forward(step);
      times.push(await runner.run(bound.updates(step), { signal }));
      keepFixed();
      await onStep?.(step + 1, (performance.now() - began) / 1000, times);
    }
    return denoiser.latents;
  } finally {
    bound.destroy();
    memory.free(own.map(([, tensor]) => tensor));
  }
}
