/**
 * Quick: what this machine does with Wan2.2 TI2V-5B, in half a minute on a GPU,
 * with nothing to download.
 *
 *   roofs    what the machine can do at best
 *   sample   a rate for each kind of work, from slices of the reference workload
 *   clip     the largest preset that fits in the time left, measured whole
 *
 * From the rates follows the reference clip's time (sampled), and, where even
 * the smallest preset would take too long, the preset's own.
 */

import { AppError } from '../core/errors';
import type { RunEvent, Stage } from '../core/events';
import { median } from '../core/median';
import type { BenchmarkResult, Figure, StageFigures } from '../core/result';
import type { GpuContext } from '../gpu/context';
import type { RunTime } from '../gpu/run';
import { activationFor, recorderOptions } from '../pipeline/options';
import { synthSource } from '../pipeline/synth_source';
import { UMT5_XXL } from '../text/config';
import { CLIP_SECONDS, SAMPLE_SECONDS } from './estimate';
import { type ClipTimes, measureClip } from './measure';
import { PRESETS, type Preset, REFERENCE, STEPS } from './presets';
import { buildResult } from './result';
import { measureRoofs } from './roofs';
import { measureSlice, type SliceRate } from './slices';
import { type StageWork, stageWork, type Work, type WorkKind } from './work';

export interface QuickOptions {
  /** A preset id; null chooses. */
  readonly preset: string | null;
  /** Measured steps of the clip. */
  readonly steps: number;
  readonly initSeconds: number;
  readonly signal?: AbortSignal | undefined;
  readonly emit: (event: RunEvent) => void;
}

/** The roofs' part of what sampling takes. */
const ROOF_SECONDS = 2;
const KINDS: readonly WorkKind[] = ['linear', 'attention', 'text', 'conv'];

export type Rates = Readonly<Record<WorkKind, SliceRate>>;

export async function runQuick(context: GpuContext, options: QuickOptions): Promise<BenchmarkResult> {
  const { signal, emit, steps } = options;
  const began = performance.now();
  const { software } = context.device.machine;
  const activation = activationFor(context);
  const settings = recorderOptions(context, activation);
  const source = synthSource(context, { type: 'bf16', headDim: UMT5_XXL.dim_attn / UMT5_XXL.num_heads });
  const progress = progressOf(emit);

  emit({
    type: 'run-begin',
    atMs: began,
    title: 'Quick',
    estimateSeconds: software ? SAMPLE_SECONDS.software : SAMPLE_SECONDS.gpu + CLIP_SECONDS,
    stages: software ? SOFTWARE_STAGES : GPU_STAGES,
  });
  context.memory.resetPeak();
  const roofs = await progress.stage('roofs', ROOF_SECONDS, () => measureRoofs(context, signal));
  // Slices are split as if kernels reached a quarter of the roof; the clip by what the slowest of them does reach.
  const { runner } = context;
  runner.calibrate({ flopsPerSecond: roofs.fp32FlopsPerSecond / 4, bytesPerSecond: roofs.bytesPerSecond / 2 });

  // A CPU takes a second for what a GPU does in a millisecond: fewer repeats, and longer slices so that they mean something.
  const sliceOptions = { settings, source, seconds: software ? 3 : 0.15, repeats: software ? 3 : 5, signal };
  const rates = await progress.stage(
    'sample',
    SAMPLE_SECONDS[software ? 'software' : 'gpu'] - ROOF_SECONDS,
    async () => {
      const measured: Partial<Record<WorkKind, SliceRate>> = {};
      for (const [index, kind] of KINDS.entries()) {
        progress.step('sample', index, KINDS.length, kind);
        measured[kind] = await measureSlice(context, kind, sliceOptions);
      }
      return measured as Rates;
    },
  );

  const slowest = Math.min(...KINDS.map((kind) => rates[kind].flopsPerSecond));
  runner.calibrate({ flopsPerSecond: slowest, bytesPerSecond: roofs.bytesPerSecond / 2 });

  const chosen = choosePreset(options.preset, rates, (clip) => stageWork(clip, settings), steps, settings.bindingBytes);
  const clip = chosen.fits ? await runClip(chosen.preset) : null;
  const reference = sampled(stageWork(REFERENCE, settings), rates, options.initSeconds);
  const result = buildResult({
    context,
    roofs,
    rates,
    preset: chosen.preset,
    steps: STEPS,
    activation,
    work: stageWork(chosen.preset, settings),
    stages: clip ? measuredFigures(clip, options.initSeconds) : sampled(chosen.work, rates, options.initSeconds),
    projection: reference,
    clip,
  });
  emit({ type: 'run-end', atMs: performance.now(), seconds: (performance.now() - began) / 1000 });
  for (const remark of result.remarks) emit({ type: 'remark', atMs: performance.now(), ...remark });
  return result;

  async function runClip(preset: Preset): Promise<ClipTimes> {
    const estimate = figures(chosen.work, rates);
    const stages: [Stage, number][] = [
      ['encode', estimate.encode],
      ['denoise', estimate.step * (steps + 1)],
      ['decode', estimate.decode],
    ];
    let current: Stage | null = null;
    const times = await measureClip(context, source, preset, {
      steps,
      activation,
      signal,
      onProgress(stage, done, total) {
        if (stage !== current) {
          if (current) progress.end(current);
          progress.begin(stage, stages.find(([name]) => name === stage)![1]);
          current = stage;
        }
        progress.step(stage, done, total, preset.id);
      },
    });
    if (current) progress.end(current);
    return times;
  }
}

const GPU_STAGES: { stage: Stage; share: number }[] = [
  { stage: 'roofs', share: 0.07 },
  { stage: 'sample', share: 0.28 },
  { stage: 'encode', share: 0.1 },
  { stage: 'denoise', share: 0.35 },
  { stage: 'decode', share: 0.2 },
];
const SOFTWARE_STAGES: { stage: Stage; share: number }[] = [
  { stage: 'roofs', share: 0.05 },
  { stage: 'sample', share: 0.95 },
];

/** Seconds of each stage if work of each kind runs at the rate its slice had. */
export function figures(work: StageWork, rates: Rates): { encode: number; step: number; decode: number } {
  const seconds = (stage: Work) =>
    KINDS.reduce((total, kind) => total + stage[kind].flops / rates[kind].flopsPerSecond, 0);
  return { encode: seconds(work.encode), step: seconds(work.step), decode: seconds(work.decode) };
}

/** The named preset, or the largest whose clip fits; the smallest, not fitting, where none does. */
export function choosePreset(
  wanted: string | null,
  rates: Rates,
  workOf: (clip: Preset) => StageWork,
  steps: number,
  bindingBytes = Number.POSITIVE_INFINITY,
) {
  const candidates = PRESETS.map((preset) => {
    const work = workOf(preset);
    const { encode, step, decode } = figures(work, rates);
    return { preset, work, seconds: encode + step * (steps + 1) + decode };
  });
  const named = candidates.find(({ preset }) => preset.id === wanted);
  if (named && named.work.memory.largest > bindingBytes)
    throw new AppError(
      'limit-too-low',
      `${named.preset.id} needs ${Math.ceil(named.work.memory.largest / 2 ** 20)} MiB in one buffer and this GPU binds at most ${Math.floor(bindingBytes / 2 ** 20)} MiB. Choose a smaller size.`,
    );
  if (named) return { ...named, fits: true };
  const best = candidates
    .filter(({ seconds, work }) => seconds <= CLIP_SECONDS && work.memory.largest <= bindingBytes)
    .at(-1);
  return best ? { ...best, fits: true } : { ...candidates[0]!, fits: false };
}

/** Each slice's samples scaled by the stage's share of that kind of work. */
function sampled(work: StageWork, rates: Rates, initSeconds: number): StageFigures {
  const figure = (stage: Work): Figure => {
    const repeats = Math.min(...KINDS.map((kind) => rates[kind].samples.length));
    const samples = Array.from({ length: repeats }, (_, i) =>
      KINDS.reduce((total, kind) => total + (rates[kind].samples[i]! * stage[kind].flops) / rates[kind].cost.flops, 0),
    );
    return { kind: 'sampled', seconds: median(samples), samples };
  };
  return withTotal({
    init: measuredFigure([initSeconds]),
    encode: figure(work.encode),
    step: figure(work.step),
    decode: figure(work.decode),
  });
}

function measuredFigures({ encode, steps, decode }: ClipTimes, initSeconds: number): StageFigures {
  const total = (times: readonly RunTime[]) => times.reduce((sum, time) => sum + time.wallSeconds, 0);
  return withTotal({
    init: measuredFigure([initSeconds]),
    encode: measuredFigure([total(encode)]),
    step: measuredFigure(steps.map(total)),
    decode: measuredFigure([total(decode)]),
  });
}

const measuredFigure = (samples: readonly number[]): Figure => ({
  kind: 'measured',
  seconds: median(samples),
  samples,
});

function withTotal(stages: Omit<StageFigures, 'total'>): StageFigures {
  const { encode, step, decode } = stages;
  return {
    ...stages,
    total: { kind: 'derived', seconds: encode.seconds + STEPS * step.seconds + decode.seconds, samples: [] },
  };
}

/** Stage events with the time left by the stage's estimate. */
function progressOf(emit: (event: RunEvent) => void) {
  const begun = new Map<Stage, { atMs: number; estimate: number }>();
  const begin = (stage: Stage, estimateSeconds: number) => {
    begun.set(stage, { atMs: performance.now(), estimate: estimateSeconds });
    emit({ type: 'stage-begin', atMs: performance.now(), stage, estimateSeconds });
  };
  const end = (stage: Stage) =>
    emit({
      type: 'stage-end',
      atMs: performance.now(),
      stage,
      seconds: (performance.now() - begun.get(stage)!.atMs) / 1000,
    });
  const step = (stage: Stage, done: number, total: number, detail: string) => {
    const { atMs, estimate } = begun.get(stage)!;
    const spent = (performance.now() - atMs) / 1000;
    const secondsLeft = done > 0 ? (spent / done) * (total - done) : Math.max(0, estimate - spent);
    emit({ type: 'progress', atMs: performance.now(), stage, done, total, detail, secondsLeft });
  };
  return {
    begin,
    end,
    step,
    async stage<T>(stage: Stage, estimateSeconds: number, work: () => Promise<T>): Promise<T> {
      begin(stage, estimateSeconds);
      const result = await work();
      end(stage);
      return result;
    },
  };
}
