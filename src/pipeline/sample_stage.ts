/** The sampling loop: noise, or the state after some step, → the clip's latents, step by step. */
import { nowMs } from '../core/clock';
import type { GpuContext } from '../gpu/context';
import type { RunTime } from '../gpu/run';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { copyPart, writeNumbers } from '../gpu/transfer';
import { bindSolver } from '../sampling/bound_solver';
import type { Slot } from '../sampling/recipe';
import type { Solver } from '../sampling/solver';
import type { Denoiser } from './denoiser';
import type { SamplingState } from './sampling_state';

export interface SampleOptions {
  readonly signal?: AbortSignal | undefined;
  /** After each step: its number from 1, its seconds, the GPU's times, and the solver's tensors as the step left them. */
  readonly onStep?: (
    done: number,
    seconds: number,
    times: readonly RunTime[],
    slots: ReadonlyMap<Slot, Tensor>,
  ) => void | Promise<void>;
}

/**
 * `from.slots` fill the solver's tensors. A given first frame, `from.fixed`, is put back into the latents after every
 * step. Prompts must be set; the solver's guidance must match the denoiser's branches.
 */
export async function sample(
  context: GpuContext,
  denoiser: Denoiser,
  solver: Solver,
  from: SamplingState,
  { signal, onStep }: SampleOptions = {},
): Promise<Tensor> {
  const { memory, runner } = context;
  const { latents, velocities } = denoiser;
  const [channels = 0, frames = 0, height = 0, width = 0] = latents.shape;
  const slots = new Map<Slot, Tensor>([
    ['sample', latents],
    ['conditional', velocities[0]!],
  ]);
  if (velocities[1]) slots.set('unconditional', velocities[1]);
  const more = solver.slots
    .filter((slot) => !slots.has(slot))
    .map((slot) => [slot, externalTensor(slot, latents.shape, 'f32')] as const);
  for (const [slot, tensor] of more) slots.set(slot, tensor);
  const own = more.map(([, tensor]) => tensor);
  const fixed = from.fixed && externalTensor('first frame', [channels, 1, height, width], 'f32');
  if (fixed) own.push(fixed);
  const keepFixed = () => {
    const area = height * width;
    if (fixed) for (let c = 0; c < channels; c++) copyPart(memory, fixed, c * area, latents, c * frames * area, area);
  };

  await memory.allocate(own);
  try {
    const bound = await bindSolver(context, solver, slots);
    try {
      for (const [slot, values] of from.slots) writeNumbers(memory, slots.get(slot)!, values);
      if (fixed) writeNumbers(memory, fixed, from.fixed!);
      keepFixed();
      await denoiser.setTimesteps(solver.steps.map(({ timestep }) => timestep));
      for (let step = from.done; step < solver.steps.length; step++) {
        const began = nowMs();
        const times = await denoiser.forward(step);
        times.push(await runner.run(bound.updates(step), { signal }));
        keepFixed();
        await onStep?.(step + 1, (nowMs() - began) / 1000, times, slots);
      }
      return latents;
    } finally {
      bound.destroy();
    }
  } finally {
    memory.free(own);
  }
}
