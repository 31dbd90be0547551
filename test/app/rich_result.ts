import type { BenchmarkResult, CaseResult } from '../../src/core/result';
import { exampleResult, figure } from '../compare/example_result';
import { memory, steps, timeline } from './chart_examples';

const { key } = exampleResult();

/** A step of so many seconds of one case of the matrix, or why there was none. */
export function caseResult(changes: Partial<CaseResult['key']>, seconds: number | null, more = {}): CaseResult {
  return {
    key: { ...key, offload: 'resident', weights: 'bf16', ...changes },
    memoryBytes: null,
    step: seconds === null ? null : figure('measured', seconds, [seconds, 1.01 * seconds, 0.99 * seconds]),
    peakGpuBytes: 11 * 2 ** 30,
    streamedBytesPerStep: 0,
    exposedSeconds: 0,
    hiddenSeconds: 0,
    failure: null,
    ...more,
  };
}

const out = { code: 'out-of-memory', message: 'This takes 19,000 MiB of GPU memory, and 12,288 MiB are allowed.' };

/** A result in which everything that can be there is. Not a measurement of anything. */
export function richResult(changes: Partial<BenchmarkResult> = {}): BenchmarkResult {
  const example = exampleResult();
  const { projection } = example;
  return {
    ...example,
    id: 'rich',
    mode: 'standard',
    stages: { ...example.stages, step: { ...steps.step, seconds: 2.2 } },
    projection: {
      ...projection,
      stages: { ...projection.stages, step: figure('sampled', 1264, [1264, 1250, 1281]) },
    },
    checks: [
      {
        key: { ...key, width: 1280, height: 704, frames: 161 },
        stage: 'block',
        measuredSeconds: 42,
        projectedSeconds: 41,
      },
      { key, stage: 'step', measuredSeconds: 2, projectedSeconds: 2.08 },
      { key, stage: 'decode', measuredSeconds: 6, projectedSeconds: 5.8 },
    ],
    cases: [
      caseResult({}, 2),
      caseResult({ batch: 2 }, 3.2),
      caseResult({ offload: 'stream' }, 3.4, {
        peakGpuBytes: 1.2 * 2 ** 30,
        streamedBytesPerStep: 8 * 2 ** 30,
        exposedSeconds: 1.3,
        hiddenSeconds: 1.4,
      }),
      caseResult({ weights: 'f32' }, null, { failure: out, peakGpuBytes: 19 * 2 ** 30 }),
    ],
    timeline: timeline.spans,
    memory,
    remarks: [
      { code: 'one-block-of-weights', values: {} },
      { code: 'throttled', values: { firstSeconds: 2, lastSeconds: 2.4 } },
    ],
    ...changes,
  };
}
