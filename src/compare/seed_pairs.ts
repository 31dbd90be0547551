/** The runs that the source report speaks of: of each of its cases the L40S's and the Blackwell's, as their raw files tell. */
import type { Run, RunStage } from '../core/run';
import { compareRuns, rowAt } from './compare_runs';
import { type SeedStage, seedStagesOf } from './import/wan22_enhanced';

export interface SeedRun {
  readonly run: Run;
  readonly stages: readonly SeedStage[];
}

export interface SeedPair {
  readonly l40s: SeedRun;
  readonly blackwell: SeedRun;
}

/** Alike in name and in work, neither contended. */
export function seedPairs(runs: readonly Run[]): SeedPair[] {
  const [l40s, blackwell] = [seedRunsOf(runs, L40S), seedRunsOf(runs, BLACKWELL)];
  return l40s.flatMap((one) => {
    const other = blackwell.find(({ run }) => run.name === one.run.name && compareRuns(one.run, run).basis === 'run');
    return other ? [{ l40s: one, blackwell: other }] : [];
  });
}

export const L40S = /\bL40S\b/;
export const BLACKWELL = /\bRTX PRO 6000\b/;

export const runsOf = (runs: readonly Run[], card: RegExp): Run[] =>
  runs.filter(({ device, contended }) => card.test(device.name) && !contended);

function seedRunsOf(runs: readonly Run[], card: RegExp): SeedRun[] {
  return runsOf(runs, card).flatMap((run) => {
    const stages = seedStagesOf(run);
    return stages && run.stages.step ? [{ run, stages }] : [];
  });
}

/** How many times faster the Blackwell was, of each pair that has a ratio of this stage. */
export const ratiosOf = (pairs: readonly SeedPair[], stage: RunStage): number[] =>
  pairs.flatMap(({ l40s, blackwell }) => rowAt(compareRuns(l40s.run, blackwell.run), stage).ratio ?? []);

/** Seconds of this stage in all runs of one side; of steps, every one. */
export function secondsOf(pairs: readonly SeedPair[], side: keyof SeedPair, stage: RunStage): number[] {
  return pairs.flatMap((pair) => {
    const figure = pair[side].run.stages[stage];
    return figure ? (figure.samples.length > 0 ? figure.samples : [figure.seconds]) : [];
  });
}
