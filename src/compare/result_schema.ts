/** What a `wanscope-result` file of version 2 must be, field by field. `docs/result-format.md` says what the fields mean. */
import * as v from 'valibot';
import { ERROR_CODES } from '../core/errors';
import type { RemarkCode, RemarkValues } from '../core/events';
import type {
  BenchmarkResult,
  CaseResult,
  ComparisonKey,
  Figure,
  KernelShare,
  Kind,
  Machine,
  MemorySample,
  Offload,
  ProjectionCheck,
  Roofs,
  Span,
  StageFigures,
  TuningSource,
} from '../core/result';
import { amount, choice, type Entries, flag, list, name, object, orNull, text, time } from './schema_parts';

/** Entries that a list may have. The benchmark writes far fewer; a file with more is refused. */
export const MOST = {
  samples: 1000,
  checks: 100,
  cases: 256,
  spans: 1000,
  memorySamples: 1000,
  kernels: 200,
  features: 200,
  limits: 200,
  remarks: 50,
} as const;

export const figure = object<Figure>({
  kind: choice<Kind>({ measured: true, sampled: true, derived: true, published: true }),
  seconds: amount,
  samples: list(amount, MOST.samples),
  warmUp: v.exactOptional(list(amount, MOST.samples)),
});

const stages = object<StageFigures>({ init: figure, encode: figure, step: figure, decode: figure, total: figure });

const key = object<ComparisonKey>({
  preset: text,
  width: amount,
  height: amount,
  frames: amount,
  tokens: amount,
  steps: amount,
  guidance: flag,
  promptTokens: amount,
  activations: text,
  weights: text,
  offload: choice<Offload>({ resident: true, partial: true, stream: true, 'one-block': true }),
  attention: text,
  batch: amount,
});

export const machine = object<Machine>({
  adapter: text,
  vendor: text,
  architecture: text,
  driver: text,
  backend: text,
  software: flag,
  tier: choice<Machine['tier']>({ A: true, B: true, C: true }),
  features: list(text, MOST.features),
  limits: v.pipe(v.record(text, amount), v.maxEntries(MOST.limits)),
  runtime: text,
  timestamps: flag,
});

const REMARKS: { readonly [Code in RemarkCode]: Entries<RemarkValues[Code]> } = {
  'software-adapter': { adapter: text },
  'no-timestamps': {},
  'default-limits': { bindingBytes: amount },
  'hidden-tab': {},
  throttled: { firstSeconds: amount, lastSeconds: amount },
  contended: { shortestSeconds: amount, longestSeconds: amount },
  'busy-before': { shortestSeconds: amount, longestSeconds: amount },
  'block-at-fewer-tokens': { tokens: amount, referenceTokens: amount },
  sampled: {},
  'one-block-of-weights': {},
  'no-previews': { reason: text },
  'less-memory': { memoryBytes: amount },
  shortened: { spans: amount, memorySamples: amount },
};

const remark = v.variant(
  'code',
  Object.entries(REMARKS).map(([code, values]) =>
    v.looseObject({ code: v.literal(code), values: v.looseObject(values as v.ObjectEntries) }),
  ),
) as unknown as v.GenericSchema<unknown, BenchmarkResult['remarks'][number]>;

const caseResult = object<CaseResult>({
  key,
  memoryBytes: orNull(amount),
  step: orNull(figure),
  peakGpuBytes: amount,
  streamedBytesPerStep: amount,
  exposedSeconds: amount,
  hiddenSeconds: amount,
  failure: orNull(object<NonNullable<CaseResult['failure']>>({ code: v.picklist(ERROR_CODES), message: text })),
});

const span = object<Span>({
  lane: choice<Span['lane']>({ fetch: true, upload: true, encode: true, denoise: true, decode: true }),
  fromSeconds: amount,
  toSeconds: amount,
  label: text,
});

/** What a result and a run both hold. */
export const evidence = {
  checks: list(
    object<ProjectionCheck>({
      key,
      stage: choice<ProjectionCheck['stage']>({ encode: true, step: true, decode: true, block: true }),
      measuredSeconds: amount,
      projectedSeconds: amount,
    }),
    MOST.checks,
  ),
  cases: list(caseResult, MOST.cases),
  timeline: list(span, MOST.spans),
  memory: object<BenchmarkResult['memory']>({
    limitBytes: orNull(amount),
    samples: list(object<MemorySample>({ atSeconds: amount, bytes: amount }), MOST.memorySamples),
  }),
  kernels: list(
    object<KernelShare>({ kernel: text, calls: amount, seconds: amount, flops: amount, bytes: amount }),
    MOST.kernels,
  ),
  remarks: list(remark, MOST.remarks),
};

const roof = v.pipe(amount, v.gtValue(0));

export const roofs = object<Roofs>({
  fp32FlopsPerSecond: roof,
  f16FlopsPerSecond: orNull(roof),
  matrixFlopsPerSecond: orNull(roof),
  bytesPerSecond: roof,
  uploadBytesPerSecond: amount,
});

export const resultSchema = object<BenchmarkResult>({
  schema: v.literal('wanscope-result'),
  version: v.literal(2),
  id: text,
  name,
  createdAt: time,
  engineVersion: text,
  mode: choice<BenchmarkResult['mode']>({ quick: true, standard: true, full: true }),
  machine,
  tuning: v.exactOptional(choice<TuningSource>({ tuned: true, shipped: true, default: true })),
  roofs,
  key,
  stages,
  projection: object<BenchmarkResult['projection']>({ key, stages }),
  ...evidence,
  counts: object<BenchmarkResult['counts']>({
    gpuBusy: orNull(amount),
    dispatchesPerStep: amount,
    bytesMovedPerStep: amount,
    peakGpuBytes: amount,
  }),
});
