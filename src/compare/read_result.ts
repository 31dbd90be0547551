/**
 * A saved result, or the reason why it is none. Everything in it is checked once,
 * here: a file from elsewhere is the only untrusted input that the page takes.
 */
import * as v from 'valibot';
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
  if (version !== 1) return refuse({ reason: 'other-version', found: brief(version), known: 1 });

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
  offload: v.picklist(['resident', 'stream', 'one-block']),
  attention: text,
});

const benchmarkResult = v.object({
  schema: v.literal('wanscope-result'),
  version: v.literal(1),
  id: text,
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
    bytesPerSecond: rate,
    uploadBytesPerSecond: rate,
  }),
  key,
  stages,
  projection: v.object({ key, stages }),
  kernels: v.array(v.object({ kernel: text, calls: amount, seconds: amount, flops: amount, bytes: amount })),
  counts: v.object({
    gpuBusy: v.nullable(amount),
    dispatchesPerStep: amount,
    bytesMovedPerStep: amount,
    peakGpuBytes: amount,
  }),
  remarks: v.array(
    v.object({
      code: v.picklist([
        'software-adapter',
        'no-timestamps',
        'default-limits',
        'hidden-tab',
        'throttled',
        'contended',
        'sampled',
        'one-block-of-weights',
        'no-previews',
      ]),
      text,
    }),
  ),
});
