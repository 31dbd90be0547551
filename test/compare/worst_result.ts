import type { RemarkCode, RemarkValues } from '../../src/core/events';
import type { BenchmarkResult, CaseResult, ComparisonKey, Figure, KernelShare, Span } from '../../src/core/result';
import { pick, type Random, seededRandom } from '../support/mutations';
import { exampleResult } from './example_result';

/** As much as a Standard run writes at most, in numbers of six digits that share nothing. */
export function worstResult(seed = 1): BenchmarkResult {
  const random = seededRandom(seed);
  const sixDigits = (from: number, to: number) => Number((from + ((to - from) * random(1e9)) / 1e9).toPrecision(6));
  const figure = (kind: Figure['kind'], seconds: number, count: number): Figure => ({
    kind,
    seconds: sixDigits(seconds, 2 * seconds),
    samples: Array.from({ length: count }, () => sixDigits(seconds, 2 * seconds)),
    ...(count > 1 && { warmUp: [sixDigits(seconds, 2 * seconds)] }),
  });
  const stages = (kind: Figure['kind'], samples: number) => ({
    init: figure('measured', 2, 1),
    encode: figure(kind, 0.3, samples),
    step: figure(kind, 20, 2 * samples),
    decode: figure(kind, 40, samples),
    total: figure('derived', 1000, 0),
  });
  const example = exampleResult();
  const keyOf = (changes: Partial<ComparisonKey>): ComparisonKey => ({ ...example.key, ...changes });
  const offloads = ['resident', 'partial', 'stream', 'one-block'] as const;
  return exampleResult({
    id: '32de2365-cae4-4b10-9cfa-4e8e0959dd4e',
    name: longName(random, 120),
    mode: 'standard',
    machine: {
      ...example.machine,
      adapter: longName(random, 120),
      driver: longName(random, 40),
      runtime: longName(random, 60),
    },
    roofs: {
      fp32FlopsPerSecond: sixDigits(1e12, 9e13),
      f16FlopsPerSecond: sixDigits(1e12, 9e13),
      matrixFlopsPerSecond: sixDigits(1e12, 9e14),
      bytesPerSecond: sixDigits(1e11, 9e12),
      uploadBytesPerSecond: sixDigits(1e9, 2e10),
    },
    stages: stages('measured', 5),
    projection: { key: example.projection.key, stages: stages('sampled', 5) },
    checks: Array.from({ length: 8 }, (_, i) => ({
      key: keyOf({ frames: 5 + 4 * i, tokens: random(40_000) }),
      stage: pick(random, ['encode', 'step', 'decode', 'block'] as const),
      measuredSeconds: sixDigits(0.1, 90),
      projectedSeconds: sixDigits(0.1, 90),
    })),
    cases: Array.from(
      { length: 12 },
      (_, i): CaseResult => ({
        key: keyOf({
          batch: 2 ** (i % 3),
          offload: offloads[i % 4]!,
          weights: pick(random, ['bf16', 'q8_0 f16', 'f8_e4m3']),
        }),
        memoryBytes: sixDigits(1e9, 8e9),
        step: figure('measured', 20, 5),
        peakGpuBytes: sixDigits(1e9, 9e9),
        streamedBytesPerStep: sixDigits(1e9, 9e9),
        exposedSeconds: sixDigits(0.1, 10),
        hiddenSeconds: sixDigits(0.1, 10),
        failure: null,
      }),
    ),
    timeline: spans(random, 200),
    memory: {
      limitBytes: sixDigits(1e9, 9e9),
      samples: Array.from({ length: 200 }, (_, i) => ({ atSeconds: sixDigits(i, i + 1), bytes: sixDigits(1e9, 9e9) })),
    },
    kernels: Array.from(
      { length: 20 },
      (_, i): KernelShare => ({
        kernel: `kernel_${i}`,
        calls: random(100_000),
        seconds: sixDigits(0.1, 90),
        flops: sixDigits(1e12, 9e14),
        bytes: sixDigits(1e9, 9e11),
      }),
    ),
    counts: {
      gpuBusy: sixDigits(0, 1),
      dispatchesPerStep: random(9000),
      bytesMovedPerStep: sixDigits(1e9, 9e12),
      peakGpuBytes: sixDigits(1e9, 9e9),
    },
    remarks: REMARKS,
  });
}

const REMARKS = Object.entries({
  'software-adapter': { adapter: 'llvmpipe (LLVM 19.1.7, 256 bits)' },
  'no-timestamps': {},
  'hidden-tab': {},
  throttled: { firstSeconds: 20.1234, lastSeconds: 26.5432 },
  contended: { shortestSeconds: 20.1234, longestSeconds: 31.9876 },
  sampled: {},
} satisfies Partial<{ [Code in RemarkCode]: RemarkValues[Code] }>).map(([code, values]) => ({
  code,
  values,
})) as unknown as BenchmarkResult['remarks'];

/** In the order of their lanes, as a run writes them, with no two equally long. */
function spans(random: Random, count: number): Span[] {
  let at = 0;
  const next = () => Number((at += (1 + random(9_000_000)) / 1e6).toPrecision(6));
  return Array.from({ length: count }, (_, i) => ({
    lane: pick(random, ['fetch', 'upload', 'encode', 'denoise', 'decode'] as const),
    fromSeconds: next(),
    toSeconds: next(),
    label: pick(random, ['', `step ${i}`, `chunk ${i}`, `block ${random(30)}`]),
  }));
}

/** Nothing in it repeats. */
const longName = (random: Random, length: number) =>
  Array.from({ length }, () =>
    pick(random, [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ()']),
  ).join('');
