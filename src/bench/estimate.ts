/** How long Quick will take here, told before it begins: from the cost model and assumed rates. */
import { type Ceiling, lowerBound } from '../core/cost';
import { ASSUMED_SHARE } from '../gpu/device';
import type { RecorderOptions } from '../gpu/program';
import { PRESETS, type Preset, tokensOf } from './presets';
import { stageWork, type Work } from './work';

export interface PresetEstimate extends Preset {
  readonly tokens: number;
  readonly encodeSeconds: number;
  readonly stepSeconds: number;
  readonly decodeSeconds: number;
  /** The most GPU memory of a run of this size: activations, and the weights that are there with them. */
  readonly peakBytes: number;
}

/** All that the page says about Quick before it runs; the limits are those that the run keeps to. */
export interface QuickPlan {
  readonly presets: readonly PresetEstimate[];
  /** Roofs and slices, which every run begins with, and which are the whole run where no preset fits. */
  readonly sampleSeconds: number;
  /** The most GPU memory of a run that only samples. */
  readonly sampleBytes: number;
  /** The engine chooses the largest preset whose clip stays within this. */
  readonly clipSeconds: number;
}

/** Time for the measured clip, so that all of Quick stays under half a minute. */
export const CLIP_SECONDS = 18;
/** A GPU's is a guess until one was measured; software adapters took 60 to 75 s on two idle cores. */
export const SAMPLE_SECONDS = { gpu: 10, software: 80 } as const;

/** One block of the transformer or of the text encoder in bf16, and the slice's own rows. */
const SAMPLE_BYTES = 512 * 2 ** 20;

export function planQuick(settings: RecorderOptions, assumed: Ceiling): QuickPlan {
  return {
    presets: estimatePresets(settings, assumed),
    sampleSeconds: settings.software ? SAMPLE_SECONDS.software : SAMPLE_SECONDS.gpu,
    sampleBytes: SAMPLE_BYTES,
    clipSeconds: CLIP_SECONDS,
  };
}

function estimatePresets(settings: RecorderOptions, { flopsPerSecond, bytesPerSecond }: Ceiling): PresetEstimate[] {
  const rate: Ceiling = { flopsPerSecond: flopsPerSecond * ASSUMED_SHARE, bytesPerSecond };
  const seconds = (work: Work) => Object.values(work).reduce((total, cost) => total + lowerBound(cost, rate), 0);
  return PRESETS.map((preset) => {
    const { encode, step, decode, memory } = stageWork(preset, settings);
    return {
      ...preset,
      tokens: tokensOf(preset),
      encodeSeconds: seconds(encode),
      stepSeconds: seconds(step),
      decodeSeconds: seconds(decode),
      peakBytes: memory.total,
    };
  });
}
