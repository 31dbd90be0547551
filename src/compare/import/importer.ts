/** What every importer is: how a file of its format is recognised, what must be in it, and the runs that it tells of. */
import * as v from 'valibot';
import type { Figure } from '../../core/result';
import type { Run, RunKey, RunStages } from '../../core/run';
import { checkFields, type Refused } from '../read_result';
import { amount } from '../schema_parts';
import { UNKNOWN_KEY, UNKNOWN_RUN, UNKNOWN_STAGES } from '../unknown_run';

export type ImportFormat =
  | 'wanscope-result'
  | 'wanscope-video'
  | 'wanscope-streaming'
  | 'wanscope-references'
  | 'wanscope-report'
  | 'wan22-enhanced'
  | 'vllm-omni-video'
  | 'vllm-omni-bench'
  | 'sglang-perf-dump'
  | 'sglang-baselines'
  | 'mstar';

/** Where a file came from; `id` is unique to its content, for its name may be another file's too. */
export interface Provenance {
  readonly id: string;
  readonly name: string;
  readonly url: string | null;
}

export type ReadRuns = { ok: true; runs: readonly Run[] } | Refused;

export interface Importer {
  readonly format: ImportFormat;
  /** By content alone: names are other people's, and may be wrong. */
  readonly recognises: (json: unknown) => boolean;
  readonly read: (json: unknown, from: Provenance) => ReadRuns;
}

/** Schemas are loose: what a run has no place for stays in its `extra`. */
export function importer<T>(
  format: ImportFormat,
  recognises: (json: unknown) => boolean,
  schema: v.GenericSchema<unknown, T>,
  runsOf: (file: T, from: Provenance) => readonly Run[],
  mostValues?: number,
): Importer {
  const read = (json: unknown, from: Provenance): ReadRuns => {
    const checked = checkFields(schema, json, mostValues);
    return checked.ok ? { ok: true, runs: runsOf(checked.value, from) } : checked;
  };
  return { format, recognises, read };
}

export const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** Not there, or null: not known. */
export const maybe = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(v.nullable(schema), null);

/** Days, and times with their zone or without. */
const ISO_DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d[\d:.]*(Z|[+-]\d\d:\d\d)?)?$/;
export const isoDate = (told: string | null): string | null =>
  told !== null && ISO_DATE.test(told) && !Number.isNaN(Date.parse(told)) ? told : null;

/** Seconds since 1970, up to the year 9999. */
export const unixTime = v.pipe(amount, v.maxValue(253_402_300_799));

/** In a file. */
export const MOST_RUNS = 1000;

/** A file of one, or of a list of them. */
export const oneOrMore = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.unknown(),
    v.transform((json) => [json].flat()),
    v.array(v.unknown()),
    v.minLength(1),
    v.maxLength(MOST_RUNS),
    v.array(schema),
  );

type Told = Pick<Run, 'name' | 'software'> & Partial<Omit<Run, 'device' | 'key' | 'stages'>>;

/** A run of another program. */
export function importedRun(
  from: Provenance,
  told: Told & { readonly device: string | null; readonly key: Partial<RunKey>; readonly stages: Partial<RunStages> },
): Run {
  return {
    ...UNKNOWN_RUN,
    id: from.id,
    origin: 'imported',
    source: { text: from.name, url: from.url },
    confidence: 'medium',
    ...told,
    device: { name: told.device ?? '', memoryBytes: null, software: false },
    key: { ...UNKNOWN_KEY, ...told.key },
    stages: { ...UNKNOWN_STAGES, ...told.stages },
  };
}

export function published(seconds: number, samples: readonly number[] = []): Figure {
  return { kind: 'published', seconds, samples };
}
