/**
 * A file of any known format → runs, or the reason why it is none. Which format
 * it is goes by its content; everything in it is checked once, here.
 */
import type { BenchmarkResult } from '../core/result';
import type { Run } from '../core/run';
import type { Importer, ImportFormat } from './import/importer';
import { mstar, mstarRows } from './import/mstar';
import { references, reports } from './import/references';
import { sglangBaselines, sglangDump } from './import/sglang';
import { streaming } from './import/streaming';
import { vllmBench, vllmBenchRecords, vllmVideo } from './import/vllm_omni';
import { wan22Enhanced } from './import/wan22_enhanced';
import { parseJson, type Refusal, refuse } from './read_result';
import { LIST_LIMIT_BYTES, readSavedJson, readSavedList, type SavedRun } from './read_saved';
import { runOfSaved } from './run_of';

export type { ImportFormat } from './import/importer';

export type Imported =
  | {
      ok: true;
      format: ImportFormat;
      runs: readonly Run[];
      /** Of a file that is one own result: it has more to show than a run. */
      result: BenchmarkResult | null;
      /** Of own results and videos, in the order of the runs: what can be kept. Empty for other formats. */
      saved: readonly SavedRun[];
    }
  | { ok: false; refusal: Refusal };

/** The longest known, 50 steps with all their counters, is 55 kB; a list of all own results may have some MB. */
export const IMPORT_LIMIT_BYTES = LIST_LIMIT_BYTES;

const IMPORTERS: readonly Importer[] = [
  references,
  reports,
  streaming,
  wan22Enhanced,
  vllmVideo,
  vllmBench,
  vllmBenchRecords,
  sglangDump,
  sglangBaselines,
  mstar,
];

/** `from` is shown as the runs' source where the file itself names none; `url` is https or null. */
export function importRuns(text: string, from: { readonly name: string; readonly url: string | null }): Imported {
  const parsed = parseJson(text, IMPORT_LIMIT_BYTES);
  const rows = parsed.ok || parsed.refusal.reason !== 'not-json' ? null : mstarRows(text);
  if (!parsed.ok && !rows) return parsed;
  const json = parsed.ok ? parsed.json : rows;
  const found = IMPORTERS.find(({ recognises }) => recognises(json));
  if (!found) return importSaved(json);
  const read = found.read(json, { ...from, id: `${found.format} ${digest(text)}` });
  return read.ok ? { ok: true, format: found.format, runs: read.runs, result: null, saved: [] } : read;
}

/** Own results and videos' times, one or a list. */
function importSaved(json: unknown): Imported {
  const read = Array.isArray(json) ? readSavedList(json) : readSavedJson(json);
  if (!read.ok) return read;
  const [first] = read.runs;
  if (!first) return refuse({ reason: 'other-schema', found: '[]' });
  const format = first.schema;
  const result = read.runs.length === 1 && first.schema === 'wanscope-result' ? first : null;
  return { ok: true, format, runs: read.runs.map(runOfSaved), result, saved: read.runs };
}

/** Tells files apart, also those of one name: FNV-1a over the text, twice. Not for secrets. */
function digest(text: string): string {
  const fold = (seed: number) => {
    let hash = seed;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, '0');
  };
  return fold(0x811c9dc5) + fold(0x9e3779b9);
}
