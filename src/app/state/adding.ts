/** Results from elsewhere on their way onto the page: files, the clipboard, an address, the link in the page's own. */
import { batch, signal } from '@preact/signals-core';
import { IMPORT_LIMIT_BYTES, importRuns } from '../../compare/import_runs';
import type { Refusal } from '../../compare/read_result';
import type { SavedRun } from '../../compare/read_saved';
import { runContent } from '../../compare/run_content';
import { runOfSaved } from '../../compare/run_of';
import { holdsLink, readLink } from '../../compare/share_link';
import { canonicalJson } from '../../core/canonical_json';
import type { Run } from '../../core/run';
import { addressSource, fetchText, fileAddress } from '../../servers/fetch_text';
import { type Failure, failureOf } from './failure';
import { keptRuns } from './own_runs';
import { referenceRuns } from './references';
import { type Opened, opened } from './results';

/** `name` null: the link. */
export interface Refused {
  readonly name: string | null;
  readonly refusal: Refusal;
}

export type Fetching =
  | { readonly name: 'idle' }
  | { readonly name: 'running'; readonly bytes: number; readonly total: number }
  | { readonly name: 'stopped' }
  | { readonly name: 'failed'; readonly failure: Failure };

/** Of the last attempt; what had been opened before stays as it was. */
export const refused = signal<readonly Refused[]>([]);
/** What the last attempt brought, to be said aloud; `runs` 0: it was there already. */
export const added = signal<{ readonly name: string | null; readonly runs: number } | null>(null);
export const fetching = signal<Fetching>({ name: 'idle' });
/** The browser did not give the clipboard's text. */
export const pasteFailed = signal(false);

let stopper = new AbortController();
let opens = 0;

export function forgetNews(): void {
  refused.value = [];
  added.value = null;
  pasteFailed.value = false;
}

function begin(): void {
  forgetNews();
  if (fetching.value.name !== 'running') fetching.value = { name: 'idle' };
}

export async function openFiles(files: Iterable<File>): Promise<void> {
  begin();
  for (const file of files) {
    if (file.size > IMPORT_LIMIT_BYTES) {
      refuse(file.name, { reason: 'too-large', bytes: file.size, limitBytes: IMPORT_LIMIT_BYTES });
      continue;
    }
    const text = await file.text().catch(() => null); // a folder that was dropped comes as a file
    if (text === null) refuse(file.name, { reason: 'unreadable' });
    else openText(text, file.name, null);
  }
}

/** `name` as the text's source is called on the page. */
export function openPasted(text: string, name: string): void {
  begin();
  openText(text, name, null);
}

/** A button's press; Ctrl+V needs no permission and comes by `openPasted`. */
export async function pasteText(name: string): Promise<void> {
  begin();
  try {
    openText(await navigator.clipboard.readText(), name, null);
  } catch {
    pasteFailed.value = true;
  }
}

export async function openAddress(address: string): Promise<void> {
  if (fetching.value.name === 'running') return;
  begin();
  stopper = new AbortController();
  fetching.value = { name: 'running', bytes: 0, total: 0 };
  try {
    const { href } = fileAddress(address);
    const text = await fetchText(href, {
      limitBytes: IMPORT_LIMIT_BYTES,
      signal: stopper.signal,
      onProgress: (bytes, total) => {
        fetching.value = { name: 'running', bytes, total };
      },
    });
    fetching.value = { name: 'idle' };
    const { name, url } = addressSource(href);
    openText(text, name, url);
  } catch (error) {
    const failure = failureOf(error);
    fetching.value = failure.code === 'cancelled' ? { name: 'stopped' } : { name: 'failed', failure };
  }
}

export const stopFetching = (): void => stopper.abort();

/** Call once: opens the link that the page was reached by, and every one that is put into its address later. */
export function followLinks(): void {
  addEventListener('hashchange', () => void openLink());
  void openLink();
}

async function openLink(): Promise<void> {
  const { hash } = location;
  if (!holdsLink(hash)) return;
  begin();
  const read = await readLink(hash);
  if (location.hash !== hash) return; // another came while this was unpacked
  if (read.ok) show(null, [runOfSaved(read.result)], [read.result]);
  else refuse(null, read.refusal);
}

function openText(text: string, name: string, url: string | null): void {
  const read = importRuns(text, { name, url });
  if (read.ok) show(name, read.runs, read.saved);
  else refuse(name, read.refusal);
}

function refuse(name: string | null, refusal: Refusal): void {
  refused.value = [...refused.value, { name, refusal }];
}

/** Never under the id of another: a changed copy of one's own result must not pass for it. */
function show(name: string | null, runs: readonly Run[], saved: readonly SavedRun[]): void {
  const known = new Map(knownRuns().map((run) => [run.id, run]));
  const kept = new Set(saved.length > 0 ? knownSaved().map(withoutId) : []);
  /** The very same is here: of what can be kept be it under an id that it was given when it came, of files be it by another name. */
  const isThere = (run: Run, mine: SavedRun | undefined) => {
    if (mine) return kept.has(withoutId(mine));
    const same = known.get(run.id);
    return same !== undefined && runContent(same) === runContent(run);
  };
  const fresh = runs.flatMap((run, at): { run: Run; saved: SavedRun[] }[] => {
    const mine = saved[at];
    if (isThere(run, mine)) return [];
    const id = known.has(run.id) ? crypto.randomUUID() : run.id;
    known.set(id, run);
    if (mine) kept.add(withoutId(mine));
    return [{ run: { ...run, id }, saved: mine ? [{ ...mine, id }] : [] }];
  });
  const one: Opened = {
    id: `opened-${opens++}`,
    name,
    runs: fresh.map(({ run }) => run),
    saved: fresh.flatMap(({ saved }) => saved),
  };
  batch(() => {
    if (fresh.length > 0) opened.value = [...opened.value, one];
    added.value = { name, runs: (added.value?.runs ?? 0) + fresh.length };
  });
}

const knownRuns = (): readonly Run[] => [
  ...keptRuns.value.map(({ run }) => runOfSaved(run)),
  ...opened.value.flatMap(({ runs }) => runs),
  ...referenceRuns(),
];

const knownSaved = (): readonly SavedRun[] => [
  ...keptRuns.value.map(({ run }) => run),
  ...opened.value.flatMap(({ saved }) => saved),
];

const contents = new WeakMap<SavedRun, string>();
/** Written once for each: whoever opens files one by one has all of them looked at again for every one. */
function withoutId(saved: SavedRun): string {
  const written = contents.get(saved) ?? canonicalJson({ ...saved, id: '' });
  contents.set(saved, written);
  return written;
}
