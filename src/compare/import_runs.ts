/**
 * A file of any known format → runs, or the reason why it is none. Which format
 * it is goes by its content; everything in it is checked once, here.
 */
import type { BenchmarkResult } from '../core/result';
import type { Run } from '../core/run';
import type { Importer, ImportFormat } from './import/importer';
import { wan22Enhanced } from './import/wan22_enhanced';
import { type Refusal, readResult } from './read_result';
import { runOfResult } from './run_of';

export type { ImportFormat } from './import/importer';

export type Imported =
  | {
      ok: true;
      format: ImportFormat;
      runs: readonly Run[];
      /** Of a file that is one own result: it has more to show than a run. */
      result: BenchmarkResult | null;
    }
  | { ok: false; refusal: Refusal };

/** The longest known, 50 steps with all their counters, is 55 kB; an export of all own results may have some MB. */
export const IMPORT_LIMIT_BYTES = 16 * 2 ** 20;

const IMPORTERS: readonly Importer[] = [wan22Enhanced];

/** `from` is shown as the runs' source where the file itself names none; `url` is https or null. */
export function importRuns(text: string, from: { readonly name: string; readonly url: string | null }): Imported {
  if (text.length > IMPORT_LIMIT_BYTES)
    return refuse({ reason: 'too-large', bytes: text.length, limitBytes: IMPORT_LIMIT_BYTES });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse({ reason: 'not-json' });
  }
  const found = IMPORTERS.find(({ recognises }) => recognises(json));
  if (!found) {
    const read = readResult(text);
    if (!read.ok) return read;
    return { ok: true, format: 'wanscope-result', runs: [runOfResult(read.result)], result: read.result };
  }
  const read = found.read(json, { ...from, id: `${found.format} ${digest(text)}` });
  return read.ok ? { ok: true, format: found.format, runs: read.runs, result: null } : read;
}

const refuse = (refusal: Refusal): Imported => ({ ok: false, refusal });

/** Tells files apart, also those of one name: FNV-1a over the text, twice. Not for secrets. */
function digest(text: string): string {
  const fold = (seed: number) => {
    let hash = seed;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, '0');
  };
  return fold(0x811c9dc5) + fold(0x9e3779b9);
}
