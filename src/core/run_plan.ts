/** What a kind of run would take here, told before it begins: the engine writes the plan, the page and the command line read it. */
import type { BenchmarkResult } from './result';
import { peakOfStages, type StageMemory } from './stage_memory';

export interface PresetEstimate {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly tokens: number;
  readonly encodeSeconds: number;
  readonly stepSeconds: number;
  readonly decodeSeconds: number;
  /** What a run of this size takes of it. */
  readonly memory: StageMemory;
  /** Of its buffers; a GPU that binds less cannot run it. */
  readonly largestBytes: number;
}

/** All that is said about a kind of run before it begins; the limits are those that it keeps to. */
export interface ModePlan {
  readonly presets: readonly PresetEstimate[];
  /** Before all else, on a device that is not tuned yet: at most so long. */
  readonly tuningSeconds: number;
  /** What every run begins with, and all there is of it where no preset fits: roofs, slices, and in Standard blocks. */
  readonly sampleSeconds: number;
  /** The most GPU memory of that. */
  readonly sampleBytes: number;
  /** The engine chooses the largest preset whose clip stays within this. */
  readonly clipSeconds: number;
  /** Unless told otherwise; `warmUpSteps` more run before them. */
  readonly steps: number;
  readonly warmUpSteps: number;
  /** Where no preset fits, nothing is run whole; else the smallest is. */
  readonly samplesAlone: boolean;
  /** This GPU was not measured yet: rates are a low guess, and a run chooses its clip, mostly a larger one, when they are known. */
  readonly ratesAssumed: boolean;
  /** Of the memory for steps what bf16 weights of all blocks take; 0 where one block's stand for all. */
  readonly weightBytes: number;
  /** What this GPU binds at most. */
  readonly bindingBytes: number;
  /** Weights are synthetic. */
  readonly downloadBytes: 0;
}

export type BenchmarkPlan = Readonly<Record<BenchmarkResult['mode'], ModePlan>>;

export interface RunEstimate {
  /** What would be run whole; undefined where all is sampled. */
  readonly clip: PresetEstimate | undefined;
  /** All, with one that warms up. */
  readonly steps: number;
  readonly seconds: number;
  readonly peakBytes: number;
}

/** Of one run: `preset` and `steps` as they were asked for, null for what the plan chooses; with weights larger by so much. */
export function estimateRun(
  plan: ModePlan,
  preset: string | null,
  wantedSteps: number | null,
  moreWeightBytes = 0,
): RunEstimate {
  const { presets, clipSeconds, tuningSeconds, sampleSeconds, sampleBytes, bindingBytes, samplesAlone, ratesAssumed } =
    plan;
  const steps = (wantedSteps ?? plan.steps) + plan.warmUpSteps;
  const secondsOf = (row: PresetEstimate) => row.encodeSeconds + steps * row.stepSeconds + row.decodeSeconds;
  const asked = presets.find(({ id }) => id === preset);
  const found =
    asked ??
    presets.findLast((row) => secondsOf(row) <= clipSeconds && row.largestBytes <= bindingBytes) ??
    (samplesAlone && !ratesAssumed ? undefined : presets[0]);
  const clip = found && { ...found, memory: withMoreWeights(found.memory, moreWeightBytes) };
  const most = ratesAssumed && !asked ? clipSeconds : Number.POSITIVE_INFINITY; // what is chosen later keeps to it
  const seconds = tuningSeconds + sampleSeconds + (clip ? Math.min(secondsOf(clip), most) : 0);
  return { clip, steps, seconds, peakBytes: Math.max(sampleBytes, clip ? peakOfStages(clip.memory) : 0) };
}

/** For the steps, whose weights are many. */
export function withMoreWeights(memory: StageMemory, bytes: number): StageMemory {
  const { denoise } = memory;
  return denoise ? { ...memory, denoise: { ...denoise, weights: denoise.weights + bytes } } : memory;
}
