/**
 * A whole clip on this machine: prompts encoded, a few guided steps, every
 * frame decoded, with synthetic weights at full width. One block's weights stand
 * for all blocks of a network, so that time is measured, not disk or memory.
 */

import type { Stage } from '../core/events';
import { WAN22_5B } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import type { RunTime } from '../gpu/run';
import { createDenoiser } from '../pipeline/denoiser';
import type { ComputeOptions } from '../pipeline/options';
import { sample } from '../pipeline/sample_stage';
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
  const { steps, activation, signal, onProgress } = options;
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

  onProgress('denoise', 0, steps + 1);
  const denoiser = await createDenoiser(
    context,
    source,
    WAN22_5B,
    { grid: gridOf(clip), promptTokens: PROMPT_TOKENS, fixedTokens: 0 },
    compute,
  );
  const measured: RunTime[][] = [];
  const latents = WAN22_5B.in_dim * latentFrames(clip) * (clip.height / 16) * (clip.width / 16);
  try {
    await denoiser.setPrompts(embeddings);
    const solver = createSolver('unipc', createSchedule('unipc', steps + 1, SHIFT), GUIDANCE);
    await sample(context, denoiser, solver, torchRandn(latents, SEED), {
      signal,
      onStep: (done, _, times) => {
        if (done > 1) measured.push([...times]);
        onProgress('denoise', done, steps + 1);
      },
    });
    onProgress('decode', 0, latentFrames(clip));
    const decode: RunTime[] = [];
    await decodeLatents(context, source, WAN22_VAE, WAN22_MOMENTS, denoiser.latents, {
      ...compute,
      onRun: (time) => decode.push(time),
      onBlock: (done, total) => onProgress('decode', done, total),
    });
    return { encode, steps: measured, decode };
  } finally {
    context.memory.free(embeddings);
    denoiser.destroy();
  }
}
