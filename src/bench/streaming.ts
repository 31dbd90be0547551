/**
 * What it costs to keep weights out of GPU memory: guided steps of the real
 * transformer with its weights placed as chosen, and how much of the bringing
 * was hidden behind computing.
 *
 * A step's time is measured whole. Weights are *exposed* for as long as the GPU
 * computed nothing; what else of the time in which they were read and copied is
 * *hidden*.
 */
import { type Cost, sum } from '../core/cost';
import { expectFinite } from '../core/deviation';
import type { Emit } from '../core/events';
import { median } from '../core/median';
import type { Figure, Machine } from '../core/result';
import { ENGINE_VERSION } from '../core/version';
import type { DitConfig } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import type { RecorderOptions } from '../gpu/program';
import { idleSeconds, type RunTime } from '../gpu/run';
import { elements, externalTensor } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import type { Storing } from '../gpu/weight_tree';
import { createDenoiser, type Denoiser } from '../pipeline/denoiser';
import { besidesWeights, recordDenoiser } from '../pipeline/denoiser_programs';
import { activationFor, type Residency, recorderOptions } from '../pipeline/options';
import { planWeights } from '../pipeline/weight_plan';
import type { WeightSource } from '../pipeline/weight_source';
import { torchRandn } from '../sampling/noise';
import { createSchedule } from '../sampling/schedule';
import { synthRule, synthValues } from '../weights/synth_rule';
import { gridOf, PROMPT_TOKENS, type Preset, tokensOf } from './presets';

export interface Placement {
  readonly residency: Exclude<Residency, 'one-block'>;
  /** GPU memory for the transformer in all; without it, streaming keeps nothing. */
  readonly memoryBytes?: number | undefined;
}

export interface StreamingOptions extends Placement {
  /** Measured steps; one more runs first. */
  readonly steps: number;
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
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

export interface StreamingResult {
  readonly schema: 'wanscope-streaming';
  readonly version: 1;
  readonly createdAt: string;
  readonly engineVersion: string;
  readonly machine: Machine;
  readonly preset: string;
  readonly tokens: number;
  readonly activations: 'f32' | 'f16';
  readonly weights: string;
  readonly residency: Placement['residency'];
  readonly memoryBytes: number | null;
  readonly residentBytes: number;
  readonly streamedBytes: number;
  readonly peakGpuBytes: number;
  /** Wall time of a guided step. */
  readonly step: Figure;
  /** Null where nothing is streamed. */
  readonly brought: Brought | null;
  /** From nothing to the first step: resident weights loaded, the prompt's keys made. */
  readonly loadSeconds: number;
}

const SHIFT = 5;
const SEED = 42;

const shapeOf = (preset: Preset, steps: number) => ({
  grid: gridOf(preset),
  promptTokens: PROMPT_TOKENS,
  fixedTokens: 0,
  steps,
});

export async function measureStreaming(
  context: GpuContext,
  source: WeightSource,
  config: DitConfig,
  preset: Preset,
  { residency, memoryBytes, steps, signal, emit = () => {} }: StreamingOptions,
): Promise<StreamingResult> {
  const { memory, device } = context;
  const activation = activationFor(context);
  let began = performance.now();
  const progress = (stage: 'load' | 'denoise', done: number, total: number) =>
    emit({
      type: 'progress',
      atMs: performance.now(),
      stage,
      done,
      total,
      detail: preset.id,
      secondsLeft: done > 0 ? (((performance.now() - began) / 1000) * (total - done)) / done : 0,
    });
  memory.resetPeak();
  emit({ type: 'stage-begin', atMs: began, stage: 'load', estimateSeconds: 0 });
  const embeddings = PROMPT_TOKENS.map((count) => externalTensor('embeddings', [count, config.text_dim], 'f32'));
  // One that warms up, and one that is never run: for it the last one brings what the others bring for theirs.
  const planned = steps + 2;
  let denoiser: Denoiser | undefined;
  try {
    await memory.allocate(embeddings);
    denoiser = await createDenoiser(context, source, config, shapeOf(preset, planned), {
      activation,
      savings: true,
      residency,
      memoryBytes,
      signal,
      onLoad: (bytes, total) => progress('load', bytes, total),
    });
    for (const embedding of embeddings) {
      const rule = synthRule('embeddings.bias', embedding.shape);
      writeNumbers(memory, embedding, synthValues(rule, 0, elements(embedding.shape)));
    }
    await denoiser.setPrompts(embeddings);
    await denoiser.setTimesteps(createSchedule('unipc', planned, SHIFT).timesteps);
    writeNumbers(memory, denoiser.latents, torchRandn(elements(denoiser.latents.shape), SEED));
    const loadSeconds = (performance.now() - began) / 1000;
    emit({ type: 'stage-end', atMs: performance.now(), stage: 'load', seconds: loadSeconds });

    began = performance.now();
    emit({ type: 'stage-begin', atMs: began, stage: 'denoise', estimateSeconds: 0 });
    const times: RunTime[][] = [];
    for (let step = 0; step <= steps; step++) {
      progress('denoise', step, steps + 1);
      const runs = await denoiser.forward(step);
      if (step > 0) times.push(runs);
    }
    expectFinite('The velocity', await readNumbers(memory, denoiser.velocities[0]!));
    emit({ type: 'stage-end', atMs: performance.now(), stage: 'denoise', seconds: (performance.now() - began) / 1000 });
    const samples = times.map((runs) => sumOf(runs, ({ wallSeconds }) => wallSeconds));
    return {
      schema: 'wanscope-streaming',
      version: 1,
      createdAt: new Date().toISOString(),
      engineVersion: ENGINE_VERSION,
      machine: device.machine,
      preset: preset.id,
      tokens: tokensOf(preset),
      activations: activation,
      weights: source.label,
      residency,
      memoryBytes: memoryBytes ?? null,
      residentBytes: denoiser.residentBytes,
      streamedBytes: denoiser.streamedBytes,
      peakGpuBytes: memory.peakBytes,
      step: { kind: 'measured', seconds: median(samples), samples },
      brought: denoiser.streamedBytes > 0 ? broughtIn(times) : null,
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

/** What a choice of placement means, before anything runs: from the recorded programs alone. */
export interface StreamingPlan {
  /** Activations, prompts and small weights. */
  readonly besidesBytes: number;
  readonly residentBytes: number;
  readonly streamedBytes: number;
  readonly slotBytes: number;
}

/** Throws AppError out-of-memory with both numbers where the memory allowed is too little. */
export function planStreaming(
  settings: RecorderOptions,
  storing: Storing,
  config: DitConfig,
  preset: Preset,
  placement: Placement,
): StreamingPlan & { readonly cost: Cost } {
  const options = { savings: true, ...placement };
  const recorded = recordDenoiser(settings, storing, config, shapeOf(preset, 1), options);
  const { planted, programs, prompt, time } = recorded;
  const besidesBytes = besidesWeights(recorded);
  const plan = planWeights(planted, programs, [prompt, [time.program]], besidesBytes, placement);
  return {
    besidesBytes: besidesBytes + plan.smallBytes,
    residentBytes: plan.residentBytes,
    streamedBytes: plan.streamedBytes,
    slotBytes: plan.slotBytes * plan.slotCount,
    cost: sum(programs.map(({ cost }) => cost)),
  };
}

export const streamingSettings = (context: GpuContext): RecorderOptions =>
  recorderOptions(context, activationFor(context));
