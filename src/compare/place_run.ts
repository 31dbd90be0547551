/**
 * Runs on one axis. Seconds of different amounts of work must never stand on it
 * as they are: each run is brought to the work that the axis is of, by what the
 * run foretells or by FLOPs, and keeps how that was done and from what.
 */
import type { Run, RunKey, RunStage, RunStages } from '../core/run';
import { type Comparison, compareRuns, rowAt } from './compare_runs';
import { isReferenceWork, workloadOf } from './workload';

export interface PlacedRun {
  readonly run: Run;
  /** `run`: as it ran. `none`: what it did is not known, so its figures stand as told and on no axis. */
  readonly basis: Comparison['basis'];
  /** Of a step, where figures are scaled. */
  readonly factor: number | null;
  /** Whose the figures are, before any scaling. */
  readonly from: RunKey;
  /** The work of the axis; the same where nothing is known. */
  readonly to: RunKey;
  /** At the axis's work; `total` at its number of steps. What cannot be brought there is null. */
  readonly stages: RunStages;
}

/** Whose work the axis is of: what most of the runs did, the published reference's where as many did that. Null: nobody's is known. */
export function axisOf(runs: readonly Run[]): Run | null {
  const works = new Map<string, { readonly run: Run; readonly count: number }>();
  for (const run of runs) {
    const work = workloadOf(run.key);
    if (!work) continue;
    const name = JSON.stringify(work);
    works.set(name, { run, count: (works.get(name)?.count ?? 0) + 1 });
  }
  const weight = ({ run, count }: { run: Run; count: number }) => count + (isReferenceWork(run.key) ? 0.5 : 0);
  const [most] = [...works.values()].sort((a, b) => weight(b) - weight(a));
  // As it ran, and not as it foretells: one axis is of one work.
  return most ? { ...most.run, projection: null } : null;
}

/** `steps` is what the total is taken at. */
export function placeRun(run: Run, axis: Run | null, steps: number): PlacedRun {
  const comparison = compareRuns(run, axis ?? { ...run, projection: null }, steps);
  const { basis, factor, keys } = comparison;
  const figure = (stage: RunStage) => {
    const row = rowAt(comparison, stage);
    const isOfOtherWork = basis === 'scaled' && row.factor === null && stage !== 'init';
    return isOfOtherWork ? null : row.own;
  };
  const stages: RunStages = {
    init: figure('init'),
    encode: figure('encode'),
    image: figure('image'),
    step: figure('step'),
    decode: figure('decode'),
    total: figure('total'),
    wall: figure('wall'),
  };
  return { run, basis, factor, from: keys.own, to: axis && basis !== 'none' ? keys.other : keys.own, stages };
}
