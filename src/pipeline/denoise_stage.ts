/** The transformer and the solver together: embeddings and noise, as numbers → latents, as numbers. */
import { expectFinite } from '../core/deviation';
import type { GpuContext } from '../gpu/context';
import type { RunTime } from '../gpu/run';
import { externalTensor } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import type { ClipNetworks, ClipOptions, ClipRequest } from './clip';
import { createDenoiser, type Denoiser } from './denoiser';
import type { ComputeOptions } from './options';
import { sample } from './sample_stage';
import { readState, type SamplingState } from './sampling_state';
import type { WeightSource } from './weight_source';

export interface StepTime {
  readonly seconds: number;
  readonly runs: readonly RunTime[];
}

/** `embeddings`: (tokens, dim) of each prompt. Throws AppError not-finite where the numbers overflowed. */
export async function denoise(
  context: GpuContext,
  source: WeightSource,
  { dit }: ClipNetworks,
  { shape, solver, prompts }: ClipRequest,
  embeddings: readonly Float32Array[],
  from: SamplingState,
  options: ComputeOptions,
  { onStep, onState, preview }: Pick<ClipOptions, 'onStep' | 'onState' | 'preview'>,
): Promise<{ latents: Float32Array; steps: StepTime[] }> {
  const { memory } = context;
  const { signal } = options;
  const [, frames, height, width] = shape;
  const grid = { frames, height: height / 2, width: width / 2 };
  const texts = prompts.map((ids) => externalTensor('embeddings', [ids.length, dit.text_dim], 'f32'));
  const promptTokens = prompts.map(({ length }) => length);
  const fixedTokens = from.fixed ? grid.height * grid.width : 0;
  const denoiserShape = { grid, promptTokens, fixedTokens, steps: solver.steps.length };
  const steps: StepTime[] = [];
  let denoiser: Denoiser | undefined;
  try {
    await memory.allocate(texts);
    denoiser = await createDenoiser(context, source, dit, denoiserShape, options);
    texts.forEach((text, i) => writeNumbers(memory, text, embeddings[i]!));
    await denoiser.setPrompts(texts);
    memory.free(texts);
    const sampled = await sample(context, denoiser, solver, from, {
      signal,
      async onStep(done, seconds, runs, slots) {
        steps.push({ seconds, runs });
        for (const time of runs) options.onRun?.(time);
        await onStep?.(done, seconds, runs);
        if (onState) await onState(await readState(memory, solver, slots, { done, fixed: from.fixed }, signal));
        if (!preview || done % preview.every !== 0 || done === solver.steps.length) return;
        const { target } = solver.steps[done - 1]!.x0;
        const x0 = await readNumbers(memory, slots.get(target)!, signal);
        if (from.fixed) putFirstFrame(x0, from.fixed, shape);
        await preview.onX0(x0, done);
      },
    });
    const latents = await readNumbers(memory, sampled, signal);
    expectFinite('The latents', latents);
    return { latents, steps };
  } finally {
    denoiser?.destroy();
    memory.free(texts);
  }
}

/** The network answers at the given frame's place, too, and is not asked. */
function putFirstFrame(latents: Float32Array, fixed: Float32Array, [channels, frames]: ClipRequest['shape']): void {
  const area = fixed.length / channels;
  for (let c = 0; c < channels; c++) latents.set(fixed.subarray(c * area, (c + 1) * area), c * frames * area);
}
