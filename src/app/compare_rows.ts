/** The pinned run against each of the others: the ratio in the chosen measure, its range, and on what it rests. Pure. */

import { type Comparison, compareRuns, rowAt } from '../compare/compare_runs';
import { weakest } from '../compare/stage_sums';
import { extent } from '../core/extent';
import type { Figure, Kind } from '../core/result';
import type { Run } from '../core/run';
import type { Words } from '../words/en';
import { footingText } from './run_text';
import type { Metric } from './state/compared';

export interface RatioOf {
  readonly run: Run;
  readonly comparison: Comparison;
  /** How many times as fast, or as cheap, the other is. Null: `basis` says why. */
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly kind: Kind;
  readonly basis: string;
}

export interface RatioOptions {
  readonly metric: Metric;
  readonly steps: number;
  /** For an hour; null: not given. */
  readonly priceOf: (run: Run) => number | null;
  readonly words: Words;
}

export function ratioOf(own: Run, run: Run, { metric, steps, priceOf, words }: RatioOptions): RatioOf {
  const comparison = compareRuns(own, run, steps);
  const row = rowAt(comparison, metric === 'step' ? 'step' : 'total');
  const { comparison: say, compare } = words;
  const kind = weakest([row.own, row.other].flatMap((figure) => figure?.kind ?? []));
  const none = { run, comparison, ratio: null, low: null, high: null, kind };
  if (row.ratio === null) return { ...none, basis: say.noRatio[row.reason] };
  const [price, otherPrice] = [priceOf(own), priceOf(run)];
  if (metric === 'cost' && !(price && otherPrice)) return { ...none, basis: compare.ratio.noPrice };
  const factor = metric === 'cost' ? price! / otherPrice! : 1;
  const spread = metric === 'step' ? spreadOf(row.own!, row.other!) : null;
  return {
    ...none,
    ratio: row.ratio * factor,
    low: spread?.[0] ?? null,
    high: spread?.[1] ?? null,
    kind: metric === 'cost' ? 'derived' : kind,
    basis: footingText(comparison, row.factor, words),
  };
}

/** From the samples of both; one of them may have none. */
function spreadOf(own: Figure, other: Figure): [number, number] | null {
  if (own.samples.length < 2 && other.samples.length < 2) return null;
  const ends = ({ seconds, samples }: Figure) => extent(samples.length < 2 ? [seconds] : samples);
  const [here, there] = [ends(own), ends(other)];
  // Of a clock that told 0 s no ratio can be drawn.
  return here.min > 0 && there.min > 0 ? [here.min / there.max, here.max / there.min] : null;
}
