/** What each preset would take, before anything ran: the cost model over a rate that is measured or assumed. */
import { type Ceiling, lowerBound } from '../core/cost';
import type { RecorderOptions } from '../gpu/program';
import { PRESETS, type Preset, tokensOf } from './presets';
import { stageWork, type Work } from './work';

export interface PresetEstimate extends Preset {
  readonly tokens: number;
  readonly encodeSeconds: number;
  readonly stepSeconds: number;
  readonly decodeSeconds: number;
  /** Activations and one network's resident weights in bf16, the larger of transformer and decoder. */
  readonly peakBytes: number;
}

/** Share of the arithmetic roof that our kernels reach where nothing was measured: the tuner's usual third. */
const EFFICIENCY = 1 / 3;
const DIT_BYTES = 10e9;

export function estimatePresets(
  settings: RecorderOptions,
  { flopsPerSecond, bytesPerSecond }: Ceiling,
): PresetEstimate[] {
  const rate: Ceiling = { flopsPerSecond: flopsPerSecond * EFFICIENCY, bytesPerSecond };
  const seconds = (work: Work) => Object.values(work).reduce((total, cost) => total + lowerBound(cost, rate), 0);
  return PRESETS.map((preset) => {
    const { encode, step, decode, scratchBytes } = stageWork(preset, settings);
    return {
      ...preset,
      tokens: tokensOf(preset),
      encodeSeconds: seconds(encode),
      stepSeconds: seconds(step),
      decodeSeconds: seconds(decode),
      peakBytes: scratchBytes + DIT_BYTES,
    };
  });
}
