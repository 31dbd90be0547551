/** The last own result, kept in this browser; results opened from files, and videos, kept while the page is open. */
import { signal } from '@preact/signals-core';
import { get, set } from 'idb-keyval';
import { LIMIT_BYTES, type Refusal, readResult } from '../../compare/read_result';
import type { ClipResult } from '../../core/clip_run';
import type { BenchmarkResult } from '../../core/result';

export interface OpenedResult {
  readonly name: string;
  readonly result: BenchmarkResult;
}

export const lastResult = signal<BenchmarkResult | null>(null);
export const openedResults = signal<readonly OpenedResult[]>([]);
export const refused = signal<{ readonly name: string; readonly refusal: Refusal } | null>(null);
/** Which result the Compare view sets beside the published runs; an id. */
export const chosenResult = signal<string | null>(null);

/** Videos offered to be compared, newest first. */
export const comparedClips = signal<readonly ClipResult[]>([]);

export function compareClip(result: ClipResult): void {
  comparedClips.value = [result, ...comparedClips.value.filter((each) => each !== result)];
}

const KEY = 'last-result';

/** A result that an older version of the page kept is read like any file: checked, or left alone. */
export async function recallLastResult(): Promise<void> {
  try {
    const read = readResult((await get<string>(KEY)) ?? '');
    if (read.ok) lastResult.value ??= read.result;
  } catch {
    // Storage is blocked; the page works without a memory.
  }
}

export async function keepResult(result: BenchmarkResult): Promise<void> {
  lastResult.value = result;
  chosenResult.value = result.id;
  try {
    await set(KEY, JSON.stringify(result));
  } catch {
    // As above. The result is on the page, and can be saved as a file.
  }
}

export async function openFiles(files: Iterable<File>): Promise<void> {
  refused.value = null;
  for (const file of files) {
    const read =
      file.size > LIMIT_BYTES
        ? ({ ok: false, refusal: { reason: 'too-large', bytes: file.size, limitBytes: LIMIT_BYTES } } as const)
        : readResult(await file.text());
    if (!read.ok) {
      refused.value = { name: file.name, refusal: read.refusal };
      continue;
    }
    const { result } = read;
    openedResults.value = [
      ...openedResults.value.filter((each) => each.result.id !== result.id),
      { name: file.name, result },
    ];
    chosenResult.value = result.id;
  }
}

export function removeOpened(id: string): void {
  openedResults.value = openedResults.value.filter(({ result }) => result.id !== id);
  if (chosenResult.value === id) chosenResult.value = lastResult.value?.id ?? openedResults.value[0]?.result.id ?? null;
}
