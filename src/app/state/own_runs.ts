/**
 * Runs kept in this browser: benchmarks made here, videos offered for
 * comparison, and what others sent where its reader wished to keep it. Each is
 * an entry of its own in the store, so that two tabs never write over one
 * another; what a tab changes, the others read again.
 */
import { computed, signal } from '@preact/signals-core';
import { createStore, del, get, set, values } from 'idb-keyval';
import { readResult } from '../../compare/read_result';
import { readSavedJson, type SavedRun } from '../../compare/read_saved';
import { LONGEST_NAME } from '../../compare/schema_parts';
import { canonicalJson } from '../../core/canonical_json';
import type { ClipResult } from '../../core/clip_run';
import type { BenchmarkResult } from '../../core/result';

export interface KeptRun {
  readonly run: SavedRun;
  /** By this browser; else it was opened from a file or a link. */
  readonly madeHere: boolean;
  /** It is in the store, and not only on this page. */
  readonly stored: boolean;
}

/** Beyond so many the oldest without a name go. */
export const MOST_KEPT = 100;

export type Keeping =
  | { readonly name: 'well' }
  | { readonly name: 'dropped'; readonly runs: readonly SavedRun[] }
  | { readonly name: 'all-named' }
  | { readonly name: 'failed'; readonly isFull: boolean };

/** Newest first. */
export const keptRuns = signal<readonly KeptRun[]>([]);
export const keeping = signal<Keeping>({ name: 'well' });
/** Until something else is deleted: it can be had back. */
export const lastDeleted = signal<KeptRun | null>(null);

export const ownResults = computed<readonly BenchmarkResult[]>(() =>
  keptRuns.value.flatMap(({ run, madeHere }) => (madeHere && run.schema === 'wanscope-result' ? [run] : [])),
);

const store = createStore('wanscope-runs', 'kept');
/** Where the last result was kept before all were. */
const OLD_KEY = 'last-result';

let otherTabs: BroadcastChannel | null = null;

/** Call once. Where nothing can be read the page works without a memory; it says so when there is something to keep. */
export async function recallRuns(): Promise<void> {
  otherTabs = new BroadcastChannel('wanscope-runs');
  otherTabs.onmessage = () => void recallOnce();
  await inTurn(async () => {
    const old = readResult((await get<string>(OLD_KEY)) ?? '');
    if (old.ok) await write({ run: old.result, madeHere: true });
    await del(OLD_KEY);
  }).catch(() => {});
  await recall();
}

let isWaiting = false;
/** Another tab that keeps a list tells of each of its runs: what is still to be read has them all. */
async function recallOnce(): Promise<void> {
  if (isWaiting) return;
  isWaiting = true;
  await recall();
}

const recall = () =>
  inTurn(async () => {
    isWaiting = false;
    const stored = (await values<string>(store)).flatMap(readEntry);
    const known = new Set(stored.map(({ run }) => run.id));
    keptRuns.value = newestFirst([
      ...stored,
      ...keptRuns.value.filter((each) => !each.stored && !known.has(each.run.id)),
    ]);
  }).catch(() => {});

/** Resolves when it is stored or is known not to be; on the page it is at once. Gives the id that it has here. */
export async function keepRun(run: SavedRun, madeHere: boolean): Promise<string> {
  const mine = distinct(run);
  if (!mine) return run.id;
  const all = newestFirst([{ run: mine, madeHere, stored: false }, ...keptRuns.value]);
  const dropped = toDrop(all, mine.id);
  keptRuns.value = all.filter((each) => !dropped?.includes(each));
  if (!dropped) {
    keeping.value = { name: 'all-named' };
    return mine.id;
  }
  keeping.value = dropped.length > 0 ? { name: 'dropped', runs: dropped.map((each) => each.run) } : { name: 'well' };
  await storing(async () => {
    for (const { run } of dropped) await del(run.id, store);
    await write({ run: mine, madeHere });
  }, mine.id);
  return mine.id;
}

export const keepClip = (clip: ClipResult): Promise<string> =>
  keepRun({ schema: 'wanscope-video', version: 1, id: clip.createdAt, name: '', ...clip }, true);

export const renameRun = (id: string, name: string): Promise<void> =>
  changeRun(id, (run) => ({ ...run, name: name.trim().slice(0, LONGEST_NAME) }));

/** What came to it after it was kept. */
export const changeResult = (id: string, changes: Partial<Pick<BenchmarkResult, 'cases' | 'remarks'>>): Promise<void> =>
  changeRun(id, (run) => (run.schema === 'wanscope-result' ? { ...run, ...changes } : run));

async function changeRun(id: string, change: (run: SavedRun) => SavedRun): Promise<void> {
  const kept = keptRuns.value.find(({ run }) => run.id === id);
  if (!kept) return;
  const changed = { ...kept, run: change(kept.run) };
  keptRuns.value = keptRuns.value.map((each) => (each === kept ? changed : each));
  await storing(() => write(changed), id);
}

export async function deleteRun(id: string): Promise<void> {
  lastDeleted.value = keptRuns.value.find(({ run }) => run.id === id) ?? null;
  keptRuns.value = keptRuns.value.filter(({ run }) => run.id !== id);
  if (keeping.value.name !== 'failed') keeping.value = { name: 'well' };
  await storing(() => del(id, store), id);
}

export async function undoDelete(): Promise<void> {
  const deleted = lastDeleted.value;
  lastDeleted.value = null;
  if (deleted) await keepRun(deleted.run, deleted.madeHere);
}

/** Null where the very same is kept already. Another run with the same id, as a changed file has, gets one of its own. */
function distinct(run: SavedRun): SavedRun | null {
  const same = keptRuns.value.find((each) => each.run.id === run.id);
  if (!same) return run;
  return canonicalJson({ ...same.run, name: '' }) === canonicalJson({ ...run, name: '' })
    ? null
    : { ...run, id: crypto.randomUUID() };
}

/** The oldest without a name that are too many; `kept` is newest first. Null where too few are without. */
export function toDrop(kept: readonly KeptRun[], added: string): readonly KeptRun[] | null {
  const excess = kept.length - MOST_KEPT;
  if (excess <= 0) return [];
  const nameless = kept.filter(({ run }) => run.name === '' && run.id !== added);
  return nameless.length < excess ? null : nameless.slice(-excess);
}

interface Entry {
  readonly run: SavedRun;
  readonly madeHere: boolean;
}

const write = ({ run, madeHere }: Entry) => set(run.id, JSON.stringify({ madeHere, run }), store);

/** What an older version of the page kept is read like any file: checked, converted, or left alone. */
function readEntry(text: unknown): KeptRun[] {
  try {
    const { madeHere, run } = JSON.parse(String(text));
    const read = readSavedJson(run);
    return read.ok ? read.runs.map((run) => ({ run, madeHere: madeHere === true, stored: true })) : [];
  } catch {
    return [];
  }
}

/** The change of one run; a failure is told, and the run stays on the page. */
async function storing(change: () => Promise<void>, id: string): Promise<void> {
  try {
    await inTurn(change);
    keptRuns.value = keptRuns.value.map((each) => (each.run.id === id ? { ...each, stored: true } : each));
    if (keeping.value.name === 'failed' && keptRuns.value.every(({ stored }) => stored))
      keeping.value = { name: 'well' };
    otherTabs?.postMessage(id);
  } catch (error) {
    keeping.value = { name: 'failed', isFull: (error as DOMException).name === 'QuotaExceededError' };
  }
}

let turns: Promise<unknown> = Promise.resolve();
/** One after the other: a reading that began before a writing would bring back what was. */
function inTurn(work: () => Promise<void>): Promise<void> {
  const turn = turns.then(work);
  turns = turn.catch(() => {});
  return turn;
}

const newestFirst = (runs: readonly KeptRun[]): KeptRun[] =>
  [...runs].sort((a, b) => Date.parse(b.run.createdAt) - Date.parse(a.run.createdAt));
