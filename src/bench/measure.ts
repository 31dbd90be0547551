/**
 * A whole clip on this machine: prompts encoded, a few guided steps, every
 * frame decoded, with synthetic weights at full width. One block's weights stand
 * for all blocks of a network, so that time is measured, not disk or memory.
 */

import { expectFinite } from '../core/deviation';
import type { Stage } from '../core/events';
import { WAN22_5B } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import type { RunTime } from '../gpu/run';
import { elements, externalTensor, type Tensor } from '../gpu/tensor';
import { copyTensor, readNumbers } from '../gpu/transfer';
import { createDenoiser } from '../pipeline/denoiser';
import type { ComputeOptions } from '../pipeline/options';
import { sample } from '../pipeline/sample_stage';
import { startOf } from '../pipeline/sampling_state';
import { encodePrompts } from '../pipeline/text_stage';
import { decodeLatents } from '../pipeline/video_stage';
import type { WeightSource } from '../pipeline/weight_source';
import { torchRandn } from '../sampling/noise';
import { createSchedule } from '../sampling/schedule';
import { createSolver } from '../sampling/solver';
import { UMT5_XXL } from '../text/config';
import { WAN22_MOMENTS, WAN22_VAE } from '../vae/config';
import { gridOf, latentFrames, PROMPT_TOKENS, type Preset } from './presets';

export interface ClipTimes {
  readonly encode: readonly RunTime[];
  /** Of each step but the first, which warms up: all its runs. */
  readonly steps: readonly (readonly RunTime[])[];
  readonly decode: readonly RunTime[];
}

export interface ClipOptions {
  /** Measured steps; one more runs first. */
  readonly steps: number;
  readonly activation: 'f32' | 'f16';
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (stage: Stage, done: number, total: number) => void;
}

const SHIFT = 5;
const GUIDANCE = 5;
const SEED = 42;

export async function measureClip(
  context: GpuContext,
  source: WeightSource,
  clip: Preset,
  options: ClipOptions,
): Promise<ClipTimes> {
  const { activation, signal, onProgress } = options;
  const { memory } = context;
  const encode: RunTime[] = [];
  const compute: ComputeOptions = { activation, savings: true, residency: 'one-block', signal };
  const prompts = PROMPT_TOKENS.map((count) =>
    Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : 100 + i)),
  );

  onProgress('encode', 0, UMT5_XXL.num_layers);
  const embeddings = await encodePrompts(context, source, UMT5_XXL, prompts, {
    ...compute,
    onRun: (time) => encode.push(time),
    onBlock: (done, total) => onProgress('encode', done, total),
  });

  const size = [WAN22_5B.in_dim, latentFrames(clip), clip.height / 16, clip.width / 16];
  const latents = externalTensor('latents', size, 'f32');
  const own = [...embeddings, latents];
  try {
    await memory.allocate([latents]);
    const measured = await measureSteps(context, source, clip, embeddings, latents, options, (time) =>
      encode.push(time),
    );
    onProgress('decode', 0, latentFrames(clip));
    const decode: RunTime[] = [];
    let last: Float32Array | null = null;
    await decodeLatents(context, source, WAN22_VAE, WAN22_MOMENTS, latents, {
      ...compute,
      onRun: (time) => decode.push(time),
      onBlock: (done, total) => onProgress('decode', done, total),
      async onFrames(frames, first) {
        if (first + frames.shape[1]! === clip.frames) last = await readNumbers(memory, frames);
      },
    });
    expectFinite('The last frames', last ?? []);
    return { encode, steps: measured, decode };
  } finally {
    memory.free(own);
  }
}

/** The steps, with the transformer's memory given back before the decoder needs it. What is made once a prompt counts as encoding. */
async function measureSteps(
  context: GpuContext,
  source: WeightSource,
  clip: Preset,
  embeddings: readonly Tensor[],
  latents: Tensor,
  { steps, activation, signal, onProgress }: ClipOptions,
  onPrompt: (time: RunTime) => void,
): Promise<RunTime[][]> {
  onProgress('denoise', 0, steps + 1);
  const shape = { grid: gridOf(clip), promptTokens: PROMPT_TOKENS, fixedTokens: 0, steps: steps + 1 };
  const compute: ComputeOptions = { activation, savings: true, residency: 'one-block', signal, onRun: onPrompt };
  const denoiser = await createDenoiser(context, source, WAN22_5B, shape, compute);
  try {
    await denoiser.setPrompts(embeddings);
    const solver = createSolver('unipc', createSchedule('unipc', steps + 1, SHIFT), GUIDANCE);
    const measured: RunTime[][] = [];
    await sample(context, denoiser, solver, startOf(torchRandn(elements(latents.shape), SEED)), {
      signal,
      onStep: (done, _, times) => {
        if (done > 1) measured.push([...times]);
        onProgress('denoise', done, steps + 1);
      },
    });
    expectFinite('The latents', await readNumbers(context.memory, denoiser.latents));
    copyTensor(context.memory, denoiser.latents, latents);
    return measured;
  } finally {
    denoiser.destroy();
  }
}
