/**
 * A whole clip on this machine by the pipeline that makes videos: prompts
 * encoded, guided steps, every frame decoded and read back, with synthetic
 * weights at full width.
 */
import { expectFinite } from '../core/deviation';
import type { RunEvents } from '../core/run_events';
import { WAN22_5B } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import type { RunTime } from '../gpu/run';
import { type ClipStage, makeClip, type StageTime } from '../pipeline/clip';
import type { ComputeOptions } from '../pipeline/options';
import type { WeightSource } from '../pipeline/weight_source';
import { torchRandn } from '../sampling/noise';
import { createSchedule } from '../sampling/schedule';
import { createSolver } from '../sampling/solver';
import { UMT5_XXL } from '../text/config';
import { WAN22_MOMENTS, WAN22_VAE } from '../vae/config';
import { latentFrames, PROMPT_TOKENS, type Preset } from './presets';
import type { RunLog } from './run_log';

export interface ClipTimes {
  /** The text encoder, and what else is made once a prompt. */
  readonly encode: readonly RunTime[];
  /** Of every step, the first with it: all its runs. */
  readonly steps: readonly (readonly RunTime[])[];
  readonly decode: readonly RunTime[];
  /** By the clock, from the decoder's first run to the last frame that was read, since frames are read while the next are computed. */
  readonly decodeSeconds: number;
  /** By the clock, from the first token to the last frame, less the loading of weights that stay and the making of pipelines. */
  readonly seconds: number;
}

export interface ClipOptions
  extends Pick<ComputeOptions, 'activation' | 'products' | 'residency' | 'memoryBytes' | 'signal'> {
  /** All steps; the first warms up. */
  readonly steps: number;
  readonly events: RunEvents;
  readonly log: RunLog;
}

const SHIFT = 5;
const GUIDANCE = 5;
const SEED = 42;
const LANES = { encode: 'encode', image: 'encode', denoise: 'denoise', decode: 'decode' } as const;

/** Throws AppError not-finite where numbers overflowed, cancelled, device-lost, out-of-memory. */
export async function measureClip(
  context: GpuContext,
  source: WeightSource,
  clip: Preset,
  { steps, events, log, ...placement }: ClipOptions,
): Promise<ClipTimes> {
  const shape = [WAN22_5B.in_dim, latentFrames(clip), clip.height / 16, clip.width / 16] as const;
  const request = {
    prompts: PROMPT_TOKENS.map((count) => Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : 100 + i))),
    shape,
    noise: torchRandn(
      shape.reduce((product, size) => product * size),
      SEED,
    ),
    image: null,
    solver: createSolver('unipc', createSchedule('unipc', steps, SHIFT), GUIDANCE),
  };
  const networks = { text: UMT5_XXL, dit: WAN22_5B, vae: WAN22_VAE, moments: WAN22_MOMENTS };
  let [stage, taken]: [ClipStage, number] = ['encode', 0];
  const times = await makeClip(context, source, networks, request, {
    ...placement,
    savings: true,
    onStage(next) {
      stage = next;
      if (next !== 'image') events.begin(next);
      if (next === 'denoise') events.progress(0, steps, clip.id);
    },
    onBlock(done, total) {
      if (stage !== 'denoise') events.progress(done, total, clip.id);
      else if (done < total) events.progress(taken + done / total, steps, clip.id); // the step itself is told next
    },
    onRun({ wallSeconds }) {
      if (stage !== 'denoise') log.ended(LANES[stage], wallSeconds, '');
    },
    onStep(done, seconds) {
      taken = done;
      log.ended('denoise', seconds, `step ${done}`);
      events.progress(done, steps, clip.id);
    },
    onFrames: ({ values }) => expectFinite('The frames', values),
  });
  const { encode, denoise, decode } = times;
  const ofSteps = denoise!.steps.map(({ runs }) => runs);
  // The transformer's runs before its first step.
  const prompts = denoise!.runs.slice(0, denoise!.runs.length - ofSteps.flat().length);
  const seconds = [encode!, denoise!, decode].reduce((sum, time) => sum + working(time), 0);
  return {
    encode: [...encode!.runs, ...prompts],
    steps: ofSteps,
    decode: decode.runs,
    decodeSeconds: working(decode),
    seconds,
  };
}

const working = ({ seconds, loadSeconds }: StageTime) => seconds - loadSeconds;
