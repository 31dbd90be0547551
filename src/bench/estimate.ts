/** How long each kind of run will take here, and how much memory, told before it begins: from the cost model and rates. */
import { type Ceiling, lowerBound } from '../core/cost';
import type { Products } from '../core/products';
import type { PlannedStage } from '../core/run_events';
import { type BenchmarkPlan, estimateRun, type PresetEstimate, withMoreWeights } from '../core/run_plan';
import { peakOfStages } from '../core/stage_memory';
import { WAN22_5B } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import { type RecorderOptions, record } from '../gpu/program';
import { ratesOf } from '../gpu/rates';
import { programsBytes } from '../gpu/scratch';
import { storedFor } from '../pipeline/int8_source';
import { activationFor, recorderOptions } from '../pipeline/options';
import { type BlockPlan, planBlocks } from './blocks';
import { PRESETS, type Preset, SMALL_PRESETS, tokensOf } from './presets';
import type { BenchmarkOptions, Mode } from './protocol';
import { SLICES } from './slice_work';
import { type StageWork, stageWork, WORK_KINDS, type Work } from './work';

/** `clipSeconds` of Quick keeps all of it under half a minute on a GPU. */
const LIMITS = {
  gpu: {
    quick: { clipSeconds: 18, steps: 5 },
    standard: { clipSeconds: 240, steps: 5 },
    full: { clipSeconds: 600, steps: 50 },
  },
  software: {
    quick: { clipSeconds: 18, steps: 3 },
    standard: { clipSeconds: 600, steps: 5 },
    full: { clipSeconds: 900, steps: 5 },
  },
} as const;

/** A GPU's is a guess until one was measured; software adapters took 17 to 30 s on two idle cores. */
const SAMPLE_SECONDS = { gpu: 10, software: 32 } as const;
/** The roofs' part of it. */
const ROOF_SECONDS = 2;

const kindOf = (software: boolean) => (software ? 'software' : 'gpu');

export const limitsOf = (mode: Mode, software: boolean): { readonly clipSeconds: number; readonly steps: number } =>
  LIMITS[kindOf(software)][mode];

/** `tuningSeconds`: of what whoever asks will do before a run. Throws AppError limit-too-low where products in 8 bits are asked for and this device has none. */
export function planBenchmark(context: GpuContext, products?: Products, tuningSeconds = 0): BenchmarkPlan {
  const { machine, assumed } = context.device;
  const { software } = machine;
  const settings = recorderOptions(context, activationFor(context), products);
  const rows = estimates(context, settings);
  const sampleSeconds = SAMPLE_SECONDS[kindOf(software)];
  const blocks = estimatedBlocks(rows);
  const { bindingBytes = Number.POSITIVE_INFINITY } = settings;
  const sampleBytes = slicesBytes(settings, software);
  // What is assumed of a software adapter was measured on some.
  const ratesAssumed = !software && context.runner.ceiling === assumed;
  const common = {
    ...{ tuningSeconds, sampleSeconds, sampleBytes, ratesAssumed, bindingBytes, weightBytes: 0 },
    downloadBytes: 0,
  } as const;
  const all = rows.map(({ estimate }) => estimate);
  // Of a block, those that a step reads: two are counted in every estimate.
  const resident = (WAN22_5B.num_layers / 2 - 1) * all[0]!.memory.denoise!.weights;
  return {
    quick: {
      ...common,
      ...limitsOf('quick', software),
      presets: all.filter(({ id }) => PRESETS.some((preset) => preset.id === id)),
      warmUpSteps: 1,
      samplesAlone: true,
    },
    standard: {
      ...common,
      ...limitsOf('standard', software),
      presets: all,
      sampleSeconds: sampleSeconds + blocks.reduce((sum, { seconds, repeats }) => sum + seconds * (repeats + 1), 0),
      sampleBytes: Math.max(
        sampleBytes,
        ...blocks.map(({ clip }) => peakOfStages(all.find(({ id }) => id === clip.id)!.memory)),
      ),
      warmUpSteps: 1,
      samplesAlone: true,
    },
    full: {
      ...common,
      ...limitsOf('full', software),
      weightBytes: resident,
      presets: all.map((row) => ({ ...row, memory: withMoreWeights(row.memory, resident) })),
      warmUpSteps: 0,
      samplesAlone: false,
    },
  };
}

/** The stages of one run, for its progress. */
export function plannedStages(context: GpuContext, mode: Mode, options: BenchmarkOptions): PlannedStage[] {
  const plan = planBenchmark(context, options.products)[mode];
  const { clip: chosen, steps } = estimateRun(plan, options.preset, options.steps);
  // A GPU is foretold by the slowest of its rates, and will most likely run some clip.
  const clip = chosen ?? (context.device.machine.software ? undefined : plan.presets[0]);
  const stages: PlannedStage[] = [
    ...(options.tuning ? [{ stage: 'tune', seconds: options.tuning.seconds } as const] : []),
    { stage: 'roofs', seconds: ROOF_SECONDS },
    { stage: 'sample', seconds: plan.sampleSeconds - ROOF_SECONDS },
  ];
  if (clip)
    stages.push(
      { stage: 'encode', seconds: clip.encodeSeconds },
      { stage: 'denoise', seconds: steps * clip.stepSeconds },
      { stage: 'decode', seconds: clip.decodeSeconds },
    );
  if (mode !== 'quick')
    stages.push({ stage: 'resample', seconds: SAMPLE_SECONDS[kindOf(context.device.machine.software)] });
  return stages;
}

/** Of the slice that takes most, with as many rows as it may grow to; on a software adapter time lets it grow by little. */
function slicesBytes(settings: RecorderOptions, software: boolean): number {
  return Math.max(
    ...WORK_KINDS.map((kind) => {
      const products = kind === 'linear' ? settings.products : 'exact';
      const storing = storedFor({ typeOf: () => 'bf16' }, products);
      const { prepare, firstRows, mostRows, activation = settings.activation } = SLICES[kind](settings, storing);
      const { build } = prepare(software ? firstRows : mostRows);
      const { program } = record(kind, { ...settings, products, activation }, (r) => build(r, () => {}));
      return programsBytes([program]).total;
    }),
  );
}

interface Row {
  readonly preset: Preset;
  readonly work: StageWork;
  readonly blockSeconds: number;
  readonly estimate: PresetEstimate;
}

function estimates(context: GpuContext, settings: RecorderOptions): Row[] {
  const rate = ratesOf(context).ceiling;
  return [...SMALL_PRESETS, ...PRESETS].map((preset) => {
    const work = stageWork(preset, settings);
    const { encode, step, block, decode, memory } = work;
    return {
      preset,
      work,
      blockSeconds: secondsAt(rate, block),
      estimate: {
        ...preset,
        tokens: tokensOf(preset),
        encodeSeconds: secondsAt(rate, encode),
        stepSeconds: secondsAt(rate, step),
        decodeSeconds: secondsAt(rate, decode),
        memory: memory.stages,
        largestBytes: memory.largest,
      },
    };
  });
}

const estimatedBlocks = (rows: readonly Row[]): BlockPlan[] =>
  planBlocks(({ id }) => rows.find(({ preset }) => preset.id === id)!.blockSeconds);

const secondsAt = (rate: Ceiling, work: Work) =>
  Object.values(work).reduce((total, cost) => total + lowerBound(cost, rate), 0);
