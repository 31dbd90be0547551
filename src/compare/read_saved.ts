/** Files that this page and the command line save: a result, a video's times, or a list of both. */
import type { SavedClip } from '../core/clip_run';
import type { BenchmarkResult } from '../core/result';
import { clipSchema } from './clip_schema';
import { checkFields, lookAt, parseJson, type Refused, readResultJson, refuse, wrongKind } from './read_result';

export type SavedRun = BenchmarkResult | SavedClip;

export type ReadSaved = { ok: true; runs: readonly SavedRun[] } | Refused;

/** A hundred runs with their timelines are 4 MB, or 6 as the page saves them. */
export const LIST_LIMIT_BYTES = 8 * 2 ** 20;

/** Of a list. The page keeps fewer. */
const MOST_SAVED = 1000;

/** A hundred runs with their timelines have 600,000. */
const MOST_LIST_VALUES = 800_000;

/** One wrong entry refuses the file: half a list would not be said to be half. Its path begins with its number. */
export function readSaved(text: string): ReadSaved {
  const parsed = parseJson(text, LIST_LIMIT_BYTES);
  if (!parsed.ok) return parsed;
  return Array.isArray(parsed.json) ? readSavedList(parsed.json) : readSavedJson(parsed.json);
}

/** Of many, parsed. */
export function readSavedList(json: readonly unknown[]): ReadSaved {
  if (json.length > MOST_SAVED)
    return refuse({ reason: 'field', path: '', expected: `<=${MOST_SAVED}`, received: String(json.length) });
  const refused = lookAt(json, MOST_LIST_VALUES);
  if (refused) return refused;
  const runs: SavedRun[] = [];
  for (const [index, each] of json.entries()) {
    const read = readSavedJson(each);
    if (!read.ok) return inList(read, index);
    runs.push(...read.runs);
  }
  return { ok: true, runs };
}

/** Of one, parsed. */
export function readSavedJson(json: unknown): ReadSaved {
  if (wrongKind(json, 'wanscope-video', [1])?.reason === 'other-schema') {
    const read = readResultJson(json);
    return read.ok ? { ok: true, runs: [read.result] } : read;
  }
  const refusal = wrongKind(json, 'wanscope-video', [1]);
  if (refusal) return refuse(refusal);
  const checked = checkFields(clipSchema, json);
  return checked.ok ? { ok: true, runs: [checked.value] } : checked;
}

const inList = ({ refusal }: Refused, index: number): Refused =>
  refuse(refusal.reason === 'field' ? { ...refusal, path: `${index}.${refusal.path}` } : refusal);
