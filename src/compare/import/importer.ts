/** What every importer is: how a file of its format is recognised, what must be in it, and the runs that it tells of. */
import * as v from 'valibot';
import type { Figure } from '../../core/result';
import type { Run, RunKey, RunStages } from '../../core/run';
import type { Refusal } from '../read_result';

export type ImportFormat =
  | 'wanscope-result'
  | 'wanscope-clip'
  | 'wanscope-streaming'
  | 'wanscope-references'
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

export type ReadRuns = { ok: true; runs: readonly Run[] } | { ok: false; refusal: Refusal };

export interface Importer {
  readonly format: ImportFormat;
  /** By content alone: names are other people's, and may be wrong. */
  readonly recognises: (json: unknown) => boolean;
  readonly read: (json: unknown, from: Provenance) => ReadRuns;
}

/** Schemas are loose: what a run has no place for stays in its `extra`. */
export function importer<Schema extends v.GenericSchema>(
  format: ImportFormat,
  recognises: (json: unknown) => boolean,
  schema: Schema,
  runsOf: (file: v.InferOutput<Schema>, from: Provenance) => readonly Run[],
): Importer {
  const read = (json: unknown, from: Provenance): ReadRuns => {
    const parsed = v.safeParse(schema, json);
    if (parsed.success) return { ok: true, runs: runsOf(parsed.output, from) };
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue) ?? '';
    // A check of ours has its expectation as its message, and is told of the field at the end of its path.
    const [expected, received] = issue.expected
      ? [issue.expected, issue.received]
      : [issue.message, String(issue.path?.at(-1)?.value)];
    return { ok: false, refusal: { reason: 'field', path, expected, received: received.slice(0, 40) } };
  };
  return { format, recognises, read };
}

export const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

export const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
export const text = v.pipe(v.string(), v.maxLength(2000));
/** Not there, or null: not known. */
export const maybe = <Schema extends v.GenericSchema>(schema: Schema) => v.optional(v.nullable(schema), null);

export const UNKNOWN_KEY: RunKey = {
  model: null,
  width: null,
  height: null,
  frames: null,
  tokens: null,
  steps: null,
  guidance: null,
  promptTokens: null,
  batch: null,
  activations: null,
  weights: null,
  attention: null,
  offload: null,
  textEncoderOn: null,
  decoder: null,
  gpus: null,
};

export const UNKNOWN_STAGES: RunStages = {
  init: null,
  encode: null,
  image: null,
  step: null,
  decode: null,
  total: null,
  wall: null,
};

type Told = Pick<Run, 'name' | 'software'> & Partial<Omit<Run, 'device' | 'key' | 'stages'>>;

/** A run of another program: what it does not tell is not known. */
export function importedRun(
  from: Provenance,
  told: Told & { readonly device: string | null; readonly key: Partial<RunKey>; readonly stages: Partial<RunStages> },
): Run {
  return {
    id: from.id,
    origin: 'imported',
    date: null,
    source: { text: from.name, url: from.url },
    confidence: 'medium',
    contended: false,
    projection: null,
    checks: [],
    timingBoundary: null,
    peakMemoryBytes: null,
    gpuBusy: null,
    roofs: null,
    kernels: [],
    cases: [],
    timeline: [],
    memory: { limitBytes: null, samples: [] },
    remarks: [],
    extra: {},
    ...told,
    device: { name: told.device ?? '', memoryBytes: null, software: false },
    key: { ...UNKNOWN_KEY, ...told.key },
    stages: { ...UNKNOWN_STAGES, ...told.stages },
  };
}

export function published(seconds: number, samples: readonly number[] = []): Figure {
  return { kind: 'published', seconds, samples };
}
