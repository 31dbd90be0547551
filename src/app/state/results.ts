/** What is compared: runs of one's own, and results opened from files and from the link in the page's address. */
import { computed, signal } from '@preact/signals-core';
import type { Refusal } from '../../compare/read_result';
import { LIST_LIMIT_BYTES, type ReadSaved, readSaved, type SavedRun } from '../../compare/read_saved';
import { holdsLink, readLink } from '../../compare/share_link';
import type { ClipResult, SavedClip } from '../../core/clip_run';
import type { BenchmarkResult } from '../../core/result';
import { keepRun, keptRuns, lastResult } from './own_runs';

/** On the page until it is closed; read-only, for it is someone else's. */
export interface OpenedRun {
  /** Of its file; null: it came by a link. */
  readonly file: string | null;
  readonly run: SavedRun;
}

export const openedRuns = signal<readonly OpenedRun[]>([]);
/** `file` null: the link. */
export const refused = signal<{ readonly file: string | null; readonly refusal: Refusal } | null>(null);
/** Which result the Compare view sets beside the published runs; an id. */
const wanted = signal<string | null>(null);

const compared = computed<readonly SavedRun[]>(() => [...keptRuns.value, ...openedRuns.value].map(({ run }) => run));

export const chosenResult = computed<BenchmarkResult | null>(() => {
  const results = compared.value.filter((run) => run.schema === 'wanscope-result');
  return results.find(({ id }) => id === wanted.value) ?? lastResult.value ?? results[0] ?? null;
});

export const comparedClips = computed<readonly SavedClip[]>(() =>
  compared.value.filter((run) => run.schema === 'wanscope-video'),
);

export function chooseResult(id: string): void {
  wanted.value = id;
}

export async function keepResult(result: BenchmarkResult): Promise<void> {
  wanted.value = result.id;
  await keepRun(result, true);
}

export async function openFiles(files: Iterable<File>): Promise<void> {
  refused.value = null;
  for (const file of files) {
    const read: ReadSaved =
      file.size > LIST_LIMIT_BYTES
        ? { ok: false, refusal: { reason: 'too-large', bytes: file.size, limitBytes: LIST_LIMIT_BYTES } }
        : readSaved(await file.text());
    if (read.ok) show(file.name, read.runs);
    else refused.value = { file: file.name, refusal: read.refusal };
  }
}

/** Call once: opens the link that the page was reached by, and every one that is put into its address later. */
export function followLinks(): void {
  addEventListener('hashchange', () => void openLink());
  void openLink();
}

async function openLink(): Promise<void> {
  const { hash } = location;
  if (!holdsLink(hash)) return;
  refused.value = null;
  const read = await readLink(hash);
  if (location.hash !== hash) return; // another came while this was unpacked
  if (read.ok) show(null, [read.result]);
  else refused.value = { file: null, refusal: read.refusal };
}

/** Never under the id of another: a changed copy of one's own result must not pass for it. */
function show(file: string | null, runs: readonly SavedRun[]): void {
  for (const run of runs) {
    const same = compared.value.find(({ id }) => id === run.id);
    const isThere = same && JSON.stringify(same) === JSON.stringify(run);
    const shown = same && !isThere ? { ...run, id: crypto.randomUUID() } : run;
    if (!isThere) openedRuns.value = [...openedRuns.value, { file, run: shown }];
    if (run.schema === 'wanscope-result') wanted.value = shown.id;
  }
}

export function removeOpened(id: string): void {
  openedRuns.value = openedRuns.value.filter(({ run }) => run.id !== id);
}

/** From the page into the store; it stays someone else's. */
export async function keepOpened({ run }: OpenedRun): Promise<void> {
  removeOpened(run.id);
  const id = await keepRun(run, false);
  if (wanted.value === run.id) wanted.value = id;
}

/** Those before an interruption count, too. */
export const stepsOfClip = ({ resumedSteps, stages }: ClipResult): number =>
  resumedSteps + (stages.step?.samples.length ?? 0);
