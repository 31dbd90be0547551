/** What a run is measured by: a step, a clip, a second of video, or money. Pure. */
import type { PlacedRun } from '../compare/place_run';
import type { Kind } from '../core/result';
import { WAN22_FRAMES_PER_SECOND } from '../core/wan22_name';
import type { Words } from '../words/en';
import { duration, figures } from '../words/format';
import type { Metric } from './state/compared';

export interface Measured {
  readonly kind: Kind;
  /** Seconds; of `cost` money. */
  readonly amount: number;
}

/** `pricePerHour` of the run's card; null: not given. Null where the run does not tell enough. */
export function measure(metric: Metric, { stages, to }: PlacedRun, pricePerHour: number | null): Measured | null {
  if (metric === 'step') return stages.step && { kind: stages.step.kind, amount: stages.step.seconds };
  const { total } = stages;
  if (!total) return null;
  const derived = { kind: 'derived' as const };
  if (metric === 'clip') return { kind: total.kind, amount: total.seconds };
  if (metric === 'cost')
    return pricePerHour === null ? null : { ...derived, amount: (total.seconds / 3600) * pricePerHour };
  return to.frames === null ? null : { ...derived, amount: (total.seconds * WAN22_FRAMES_PER_SECOND) / to.frames };
}

export const measuredText = (metric: Metric, { amount }: Measured, words: Words): string =>
  metric === 'cost' ? figures(amount) : duration(amount, words);
