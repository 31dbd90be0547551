/** Models this browser keeps, with their downloads, and files opened from the disk. */
import { computed, signal } from '@preact/signals-core';
import type { Inspection } from '../../../workers/engine_api';
import type { DownloadProgress, ModelState, NewModel, SourceKey, StorageState } from '../../../workers/loader_api';
import { closeModel } from '../engine';
import * as loader from '../loader';
import { statusOf } from '../model_status';
import { type Failure, failureOf } from './failure';
import { inspectFiles } from './look';
import { watchWaits } from './waits';

/** Null until the store was read. */
export const stored = signal<readonly ModelState[] | null>(null);
export const storage = signal<StorageState | null>(null);
/** Why the store cannot be read. */
export const storeFailure = signal<Failure | null>(null);
/** What the complete ones hold, or why they cannot be read; by their ids. */
export const inspections = signal<ReadonlyMap<string, Inspection | Failure>>(new Map());

export type Activity =
  | {
      readonly name: 'running';
      readonly progress: DownloadProgress | null;
      /** Pause or Resume was pressed and nothing has come of it yet, or there is nothing to pause yet. */
      readonly switching: boolean;
    }
  | { readonly name: 'failed'; readonly failure: Failure };

/** Downloads under way or failed, and deletions refused; by the models' ids. */
export const activities = signal<ReadonlyMap<string, Activity>>(new Map());

/** Said once, to screen readers. */
export type Announcement = { readonly name: string; readonly what: 'done' | 'stopped' | 'failed' | 'deleted' };
export const announcement = signal<Announcement | null>(null);

/** How much of all that is being downloaded is here, 0–1; null where nothing is. */
export const downloaded = computed((): number | null => {
  const sums = { bytes: 0, totalBytes: 0 };
  for (const activity of activities.value.values()) {
    if (activity.name !== 'running' || activity.progress?.phase !== 'downloading') continue;
    sums.bytes += activity.progress.bytes;
    sums.totalBytes += activity.progress.totalBytes;
  }
  return sums.totalBytes > 0 ? sums.bytes / sums.totalBytes : null;
});

function setActivity(id: string, activity: Activity | null): void {
  const next = new Map(activities.value);
  if (activity) next.set(id, activity);
  else next.delete(id);
  activities.value = next;
}

const keysOf = ({ id, files }: ModelState): SourceKey[] =>
  files.map(({ name }) => ({ kind: 'stored', model: id, file: name }));

export const storedKeys = (id: string): readonly SourceKey[] => {
  const model = stored.value?.find((each) => each.id === id);
  return model ? keysOf(model) : [];
};

/** Reads the store anew, and the headers of what is new in it. */
export async function readStore(): Promise<void> {
  try {
    const [models, space] = await Promise.all([loader.models(), loader.storage()]);
    stored.value = models;
    storage.value = space;
    storeFailure.value = null;
    for (const model of models) {
      if (statusOf(model) === 'complete' && !isKnown(inspections.value.get(model.id))) await inspectStored(model);
    }
  } catch (error) {
    storeFailure.value = failureOf(error);
  }
}

/** What is free changes by itself; read it before something is said about it. */
export async function readSpace(): Promise<void> {
  storage.value = await loader.storage();
}

/** Bytes that are wrong stay so; a worker that ended or a busy store is another the next time. */
const isKnown = (inspection: Inspection | Failure | undefined): boolean =>
  inspection !== undefined && (!('code' in inspection) || inspection.code === 'file-invalid');

const BUSY_MS = 2000;
let later: ReturnType<typeof setTimeout> | undefined;

async function inspectStored(model: ModelState): Promise<void> {
  const inspection = await inspectFiles(keysOf(model)).catch(failureOf);
  if ('code' in inspection && inspection.code === 'storage-busy') {
    // Another tab has it, or what was here before a reload.
    clearTimeout(later);
    later = setTimeout(readStore, BUSY_MS);
  } else {
    inspections.value = new Map(inspections.value).set(model.id, inspection);
  }
}

/** Lists a model and begins to bring it; resolves once it is listed. Throws what the store throws. */
export async function addStored(model: NewModel): Promise<void> {
  const { id } = await loader.add(model);
  await readStore();
  void download(id);
}

const nameOf = (id: string) => stored.value?.find((each) => each.id === id)?.name ?? id;

/** Also goes on with one that was interrupted, or failed. */
export async function download(id: string): Promise<void> {
  if (activities.value.get(id)?.name === 'running') return;
  setActivity(id, { name: 'running', progress: null, switching: true });
  let failure: Failure | null = null;
  try {
    await watchWaits();
    const ended = loader.download(id, (progress) => {
      const now = activities.value.get(id);
      if (now?.name !== 'running') return;
      const switched = (now.progress?.phase === 'paused') !== (progress.phase === 'paused');
      setActivity(id, { name: 'running', progress, switching: now.switching && !switched });
    });
    setActivity(id, { name: 'running', progress: null, switching: false });
    await ended;
  } catch (error) {
    failure = failureOf(error);
  }
  await readStore();
  const isStopped = failure?.code === 'cancelled';
  setActivity(id, failure && !isStopped ? { name: 'failed', failure } : null);
  announcement.value = { name: nameOf(id), what: isStopped ? 'stopped' : failure ? 'failed' : 'done' };
}

/** Pauses, or goes on. */
export async function switchPause(id: string): Promise<void> {
  const now = activities.value.get(id);
  if (now?.name !== 'running' || now.switching) return;
  const isPaused = now.progress?.phase === 'paused';
  setActivity(id, { ...now, switching: true });
  await (isPaused ? loader.resume(id) : loader.pause(id));
}

export const cancel = (id: string): Promise<void> => loader.cancel(id);

/** What of it has arrived goes too. */
export async function remove(id: string): Promise<void> {
  const name = nameOf(id);
  try {
    await closeModel(); // Generate keeps its model's files open, and nothing there could be ended
    await loader.remove(id);
    inspections.value = new Map([...inspections.value].filter(([key]) => key !== id));
    setActivity(id, null);
    announcement.value = { name, what: 'deleted' };
  } catch (error) {
    setActivity(id, { name: 'failed', failure: failureOf(error) });
  }
  await readStore();
}
