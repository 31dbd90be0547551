/** Runs of others on the page, from files, links and addresses; and which run all the others are compared with. */
import { signal } from '@preact/signals-core';
import type { SavedRun } from '../../compare/read_saved';
import type { ClipResult } from '../../core/clip_run';
import type { BenchmarkResult } from '../../core/result';
import type { Run } from '../../core/run';
import { keepRun } from './own_runs';

/** On the page until it is closed; read-only, for it is someone else's. */
export interface Opened {
  readonly id: string;
  /** Of its file, or its address; null: it came by a link. */
  readonly name: string | null;
  readonly runs: readonly Run[];
  /** In the order of the runs; empty where they are of another format, which is not kept. */
  readonly saved: readonly SavedRun[];
}

export const opened = signal<readonly Opened[]>([]);
/** Finished runs on servers in this session, newest first. */
export const serverRuns = signal<readonly Run[]>([]);
/** Which run is compared with the others; an id. Null: the newest of one's own. */
export const wanted = signal<string | null>(null);

export function chooseRun(id: string): void {
  wanted.value = id;
}

export async function keepResult(result: BenchmarkResult): Promise<void> {
  wanted.value = result.id;
  await keepRun(result, true);
}

export function removeOpened(id: string): void {
  opened.value = opened.value.filter((each) => each.id !== id);
}

/** From the page into the store; it stays someone else's. */
export async function keepOpened({ id, saved }: Opened): Promise<void> {
  removeOpened(id);
  for (const run of saved) {
    const kept = await keepRun(run, false);
    if (wanted.value === run.id) wanted.value = kept;
  }
}

/** Those before an interruption count, too. */
export const stepsOfClip = ({ resumedSteps, stages }: ClipResult): number =>
  resumedSteps + (stages.step?.samples.length ?? 0);
