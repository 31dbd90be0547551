/**
 * Guided steps of the real transformer, for one video or several at once, with
 * its weights placed as chosen: what they would take, and how long they took.
 *
 * A step's time is measured whole. Weights are *exposed* for as long as the GPU
 * computed nothing; what else of the time in which they were read and copied is
 * *hidden*.
 */
import { nowMs } from '../core/clock';
import { type Cost, sum } from '../core/cost';
import { expectFinite } from '../core/deviation';
import { median } from '../core/median';
import type { Products } from '../core/products';
import type { Figure } from '../core/result';
import type { DitConfig } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import type { RecorderOptions } from '../gpu/program';
import { idleSeconds, type RunTime } from '../gpu/run';
import { programsBytes } from '../gpu/scratch';
import { elements, externalTensor, tensorBytes } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import type { Storing } from '../gpu/weight_tree';
import { createDenoiser, type Denoiser, type DenoiserShape } from '../pipeline/denoiser';
import { besidesWeights, recordDenoiser } from '../pipeline/denoiser_programs';
import { activationFor, type Residency } from '../pipeline/options';
import { planWeights } from '../pipeline/weight_plan';
import type { WeightSource } from '../pipeline/weight_source';
import { torchRandn } from '../sampling/noise';
import { createSchedule } from '../sampling/schedule';
import { synthRule, synthValues } from '../weights/synth_rule';
import { busyShare } from './kernel_shares';
import { gridOf, PROMPT_TOKENS, type Preset } from './presets';

export interface Placement {
  readonly residency: Exclude<Residency, 'one-block'>;
  /** GPU memory for the transformer in all; without it, streaming keeps nothing. */
  readonly memoryBytes?: number | undefined;
}

export interface GuidedSteps extends Placement {
  readonly clip: Preset;
  /** Videos made at once, with the same prompts. */
  readonly batch: number;
  /** Of the linear layers; exact unless given. */
  readonly products?: Products | undefined;
}

/** Of one step, the median of each over the measured steps. */
export interface Brought {
  readonly bytes: number;
  readonly bytesPerSecond: number;
  /** The GPU computed nothing. */
  readonly exposedSeconds: number;
  /** At least: what was read and copied while the GPU computed, if all it waited for was reading and copying. */
  readonly hiddenSeconds: number;
}

export interface MeasuredSteps {
  /** One guided step of all videos, wall time. */
  readonly step: Figure;
  /** Null where nothing is streamed. */
  readonly brought: Brought | null;
  readonly residentBytes: number;
  readonly streamedBytes: number;
  readonly peakGpuBytes: number;
  /** Of the measured steps’ time, in which the GPU ran no kernel; null without timestamps. */
  readonly outsideKernels: number | null;
  /** From nothing to the first step: resident weights loaded, the prompts' keys made. */
  readonly loadSeconds: number;
}

export interface MeasureOptions {
  /** Measured steps; one more runs first. */
  readonly steps: number;
  readonly signal?: AbortSignal | undefined;
  readonly onLoad?: ((bytes: number, total: number) => void) | undefined;
  /** After each step, and before the first: how many of `total` are done. */
  readonly onStep?: ((done: number, total: number) => void) | undefined;
}

const SHIFT = 5;
const SEED = 42;

const shapeOf = ({ clip, batch }: GuidedSteps, steps: number): DenoiserShape => ({
  grid: gridOf(clip),
  promptTokens: PROMPT_TOKENS,
  batch: Array.from({ length: batch }, () => PROMPT_TOKENS.map((_, prompt) => prompt)),
  fixedTokens: 0,
  steps,
});

const embeddingsOf = ({ text_dim }: DitConfig) =>
  PROMPT_TOKENS.map((count) => externalTensor('embeddings', [count, text_dim], 'f32'));

// One step that warms up, and one that is never run: for it the last one brings what the others bring for theirs.
const planned = (steps: number) => steps + 2;

export async function measureGuidedSteps(
  context: GpuContext,
  source: WeightSource,
  config: DitConfig,
  what: GuidedSteps,
  { steps, signal, onLoad, onStep = () => {} }: MeasureOptions,
): Promise<MeasuredSteps> {
  const { memory } = context;
  const began = nowMs();
  memory.resetPeak();
  const embeddings = embeddingsOf(config);
  const { residency, memoryBytes, products } = what;
  const placement = { residency, memoryBytes, signal, onLoad };
  const compute = { activation: activationFor(context), savings: true, products, ...placement };
  let denoiser: Denoiser | undefined;
  try {
    await memory.allocate(embeddings);
    denoiser = await createDenoiser(context, source, config, shapeOf(what, planned(steps)), compute);
    for (const embedding of embeddings) {
      const rule = synthRule('embeddings.bias', embedding.shape);
      writeNumbers(memory, embedding, synthValues(rule, 0, elements(embedding.shape)));
    }
    await denoiser.setPrompts(embeddings);
    await denoiser.setTimesteps(createSchedule('unipc', planned(steps), SHIFT).timesteps);
    writeNumbers(memory, denoiser.latents, torchRandn(elements(denoiser.latents.shape), SEED));
    const loadSeconds = (nowMs() - began) / 1000;
    const times: RunTime[][] = [];
    onStep(0, steps + 1);
    for (let step = 0; step <= steps; step++) {
      times.push(await denoiser.forward(step));
      onStep(step + 1, steps + 1);
    }
    for (const velocity of denoiser.velocities) expectFinite('The velocity', await readNumbers(memory, velocity));
    const [warmUp = 0, ...samples] = times.map((runs) => sumOf(runs, ({ wallSeconds }) => wallSeconds));
    const { residentBytes, streamedBytes } = denoiser;
    const busy = busyShare(times.slice(1).flat());
    return {
      step: { kind: 'measured', seconds: median(samples), samples, warmUp: [warmUp] },
      brought: streamedBytes > 0 ? broughtIn(times.slice(1)) : null,
      residentBytes,
      streamedBytes,
      peakGpuBytes: memory.peakBytes,
      outsideKernels: busy === null ? null : 1 - busy,
      loadSeconds,
    };
  } finally {
    denoiser?.destroy();
    memory.free(embeddings);
  }
}

function broughtIn(steps: readonly (readonly RunTime[])[]): Brought {
  const of = (value: (run: RunTime) => number) => median(steps.map((runs) => sumOf(runs, value)));
  const bytes = of(({ feed }) => feed?.bytes ?? 0);
  const activeSeconds = of(({ feed }) => feed?.activeSeconds ?? 0);
  const exposedSeconds = of(idleSeconds);
  return {
    bytes,
    bytesPerSecond: activeSeconds > 0 ? bytes / activeSeconds : 0,
    exposedSeconds,
    hiddenSeconds: Math.max(0, activeSeconds - exposedSeconds),
  };
}

const sumOf = (runs: readonly RunTime[], value: (run: RunTime) => number) =>
  runs.reduce((sum, run) => sum + value(run), 0);

/** What a choice means, before anything runs: from the recorded programs alone. */
export interface StepsPlan {
  /** Activations, prompts and small weights. */
  readonly besidesBytes: number;
  readonly residentBytes: number;
  readonly streamedBytes: number;
  readonly slotBytes: number;
  /** Largest single buffer. */
  readonly largestBytes: number;
  /** Of one step. */
  readonly cost: Cost;
}

/** Throws AppError out-of-memory with both numbers where the memory allowed is too little. */
export function planGuidedSteps(
  settings: RecorderOptions,
  storing: Storing,
  config: DitConfig,
  what: GuidedSteps,
  steps: number,
): StepsPlan {
  const options = { savings: true, residency: what.residency, memoryBytes: what.memoryBytes };
  const recorded = recordDenoiser(settings, storing, config, shapeOf(what, planned(steps)), options);
  const { planted, programs, prompt, time } = recorded;
  const embeddings = embeddingsOf(config).reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  const besidesBytes = embeddings + besidesWeights(recorded);
  const plan = planWeights(planted, programs, [prompt, [time.program]], besidesBytes, what);
  return {
    besidesBytes: besidesBytes + plan.smallBytes,
    residentBytes: plan.residentBytes,
    streamedBytes: plan.streamedBytes,
    slotBytes: plan.slotBytes * plan.slotCount,
    largestBytes: programsBytes(programs).largest,
    cost: sum(programs.map(({ cost }) => cost)),
  };
}

export const peakOf = ({ besidesBytes, residentBytes, slotBytes }: StepsPlan): number =>
  besidesBytes + residentBytes + slotBytes;
