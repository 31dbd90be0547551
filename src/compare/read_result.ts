/**
 * A saved result, or the reason why it is none. Everything in it is checked once,
 * here: a file from elsewhere is the only untrusted input that the page takes.
 */
import * as v from 'valibot';
import { ERROR_CODES } from '../core/errors';
import type { BenchmarkResult } from '../core/result';

/** Structured, so that the page can say it in the reader's language. */
export type Refusal =
  | { reason: 'too-large'; bytes: number; limitBytes: number }
  | { reason: 'not-json' }
  | { reason: 'other-schema'; found: string }
  | { reason: 'other-version'; found: string; known: number }
  | { reason: 'field'; path: string; expected: string; received: string };

export type ReadResult = { ok: true; result: BenchmarkResult } | { ok: false; refusal: Refusal };

/** A full result with all samples is about 20 kB. */
export const LIMIT_BYTES = 4 * 2 ** 20;

export function readResult(text: string): ReadResult {
  if (text.length > LIMIT_BYTES) return refuse({ reason: 'too-large', bytes: text.length, limitBytes: LIMIT_BYTES });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse({ reason: 'not-json' });
  }
  const { schema, version } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  if (schema !== 'wanscope-result') return refuse({ reason: 'other-schema', found: brief(schema) });
  if (version !== 2) return refuse({ reason: 'other-version', found: brief(version), known: 2 });

  const parsed = v.safeParse(benchmarkResult, json);
  if (parsed.success) return { ok: true, result: parsed.output };
  const issue = parsed.issues[0];
  return refuse({
    reason: 'field',
    path: v.getDotPath(issue) ?? '',
    expected: issue.expected ?? '',
    received: brief(issue.received),
  });
}

const refuse = (refusal: Refusal): ReadResult => ({ ok: false, refusal });

const brief = (value: unknown): string => (value === undefined ? '' : String(value).slice(0, 40));

const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const rate = amount;
const text = v.pipe(v.string(), v.maxLength(2000));

const figure = v.object({
  kind: v.picklist(['measured', 'sampled', 'derived', 'published']),
  seconds: amount,
  samples: v.array(amount),
  warmUp: v.exactOptional(v.array(amount)),
});

const stages = v.object({ init: figure, encode: figure, step: figure, decode: figure, total: figure });

const key = v.object({
  preset: text,
  width: amount,
  height: amount,
  frames: amount,
  tokens: amount,
  steps: amount,
  guidance: v.boolean(),
  promptTokens: amount,
  activations: text,
  weights: text,
  offload: v.picklist(['resident', 'partial', 'stream', 'one-block']),
  attention: text,
  batch: amount,
});

const errorCode = v.picklist(ERROR_CODES);

const nothing = v.object({});
const remark = v.variant('code', [
  v.object({ code: v.literal('software-adapter'), values: v.object({ adapter: text }) }),
  v.object({ code: v.literal('no-timestamps'), values: nothing }),
  v.object({ code: v.literal('default-limits'), values: v.object({ bindingBytes: amount }) }),
  v.object({ code: v.literal('hidden-tab'), values: nothing }),
  v.object({ code: v.literal('throttled'), values: v.object({ firstSeconds: amount, lastSeconds: amount }) }),
  v.object({ code: v.literal('contended'), values: v.object({ shortestSeconds: amount, longestSeconds: amount }) }),
  v.object({ code: v.literal('sampled'), values: nothing }),
  v.object({ code: v.literal('one-block-of-weights'), values: nothing }),
  v.object({ code: v.literal('no-previews'), values: v.object({ reason: text }) }),
]);

const benchmarkResult = v.object({
  schema: v.literal('wanscope-result'),
  version: v.literal(2),
  id: text,
  name: text,
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  engineVersion: text,
  mode: v.picklist(['quick', 'standard', 'full']),
  machine: v.object({
    adapter: text,
    vendor: text,
    architecture: text,
    driver: text,
    backend: text,
    software: v.boolean(),
    tier: v.picklist(['A', 'B', 'C']),
    features: v.array(text),
    limits: v.record(text, v.number()),
    runtime: text,
    timestamps: v.boolean(),
  }),
  roofs: v.object({
    fp32FlopsPerSecond: rate,
    f16FlopsPerSecond: v.nullable(rate),
    matrixFlopsPerSecond: v.nullable(rate),
    bytesPerSecond: rate,
    uploadBytesPerSecond: rate,
  }),
  key,
  stages,
  projection: v.object({ key, stages }),
  checks: v.array(
    v.object({
      key,
      stage: v.picklist(['encode', 'step', 'decode', 'block']),
      measuredSeconds: amount,
      projectedSeconds: amount,
    }),
  ),
  cases: v.array(
    v.object({
      key,
      memoryBytes: v.nullable(amount),
      step: v.nullable(figure),
      peakGpuBytes: amount,
      streamedBytesPerStep: amount,
      exposedSeconds: amount,
      hiddenSeconds: amount,
      failure: v.nullable(v.object({ code: errorCode, message: text })),
    }),
  ),
  timeline: v.array(
    v.object({
      lane: v.picklist(['fetch', 'upload', 'encode', 'denoise', 'decode']),
      fromSeconds: amount,
      toSeconds: amount,
      label: text,
    }),
  ),
  memory: v.object({
    limitBytes: v.nullable(amount),
    samples: v.array(v.object({ atSeconds: amount, bytes: amount })),
  }),
  kernels: v.array(v.object({ kernel: text, calls: amount, seconds: amount, flops: amount, bytes: amount })),
  counts: v.object({
    gpuBusy: v.nullable(amount),
    dispatchesPerStep: amount,
    bytesMovedPerStep: amount,
    peakGpuBytes: amount,
  }),
  remarks: v.array(remark),
});
