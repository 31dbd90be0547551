/** Of the many published runs of a card the one that says most: what a chart has room for. */
import type { Run } from '../core/run';
import { workloadOf } from './workload';

/** In the order in which their cards were given. */
export function oneACard(runs: readonly Run[]): Run[] {
  const best = new Map<string, Run>();
  for (const run of runs) {
    const held = best.get(run.device.name);
    if (!held || isBetter(run, held)) best.set(run.device.name, run);
  }
  return [...best.values()];
}

/** First what can be compared at all, then what tells its stages, then the longer run, then the later. */
function isBetter(run: Run, held: Run): boolean {
  const [mine, theirs] = [ranks(run), ranks(held)];
  const at = mine.findIndex((rank, i) => rank !== theirs[i]);
  return at >= 0 && mine[at]! > theirs[at]!;
}

const ranks = ({ contended, key, stages, date }: Run): readonly (number | string)[] => [
  contended ? 0 : 1,
  workloadOf(key) ? 1 : 0,
  stages.step ? 1 : 0,
  stages.step?.samples.length ? 1 : 0,
  key.gpus === null || key.gpus === 1 ? 1 : 0,
  key.steps ?? 0,
  date ?? '',
];
