import { describe, expect, test } from 'vitest';
import { planBenchmark, plannedStages } from '../../src/bench/estimate';
import { estimateRun } from '../../src/core/run_plan';
import type { GpuContext } from '../../src/gpu/context';

const assumed = { flopsPerSecond: 2e12, bytesPerSecond: 50e9 };

function contextAt(ceiling: typeof assumed, { software = false, f16 = true } = {}): GpuContext {
  const device = {
    ...{
      machine: { software },
      tier: f16 ? 'B' : 'C',
      packedDot: true,
      matrixUnits: null,
      adapter: { info: {} },
      assumed,
    },
    device: { features: new Set(f16 ? ['shader-f16'] : []), limits: {} },
  };
  return { device, runner: { ceiling }, tuning: { choices: () => undefined } } as unknown as GpuContext;
}

test('tuning is told of every mode as it is asked for', () => {
  const plans = Object.values(planBenchmark(contextAt(assumed), undefined, 20));
  expect(plans.map(({ tuningSeconds }) => tuningSeconds)).toEqual([20, 20, 20]);
});

describe('a GPU that was not measured', () => {
  const context = contextAt(assumed);
  const { quick, standard } = planBenchmark(context);

  test('is foretold a clip, within half a minute, by rates that are said to be assumed', () => {
    const { clip, seconds } = estimateRun(quick, null, null);
    expect(clip?.id).toBe('256x256x5');
    expect(seconds).toBeLessThanOrEqual(28);
    expect([quick.ratesAssumed, standard.ratesAssumed]).toEqual([true, true]);
    const options = { preset: null, steps: null, initSeconds: 0, emit: () => {} };
    expect(plannedStages(context, 'quick', options).map(({ stage }) => stage)).toContain('denoise');
  });

  test('is foretold slices alone once it was measured and is as slow', () => {
    const { quick } = planBenchmark(contextAt({ ...assumed, flopsPerSecond: 1e11 }));
    expect(quick.ratesAssumed).toBe(false);
    expect(estimateRun(quick, null, null).clip).toBeUndefined();
  });

  test('is not a software adapter, whose assumed rates were measured', () => {
    expect(planBenchmark(contextAt(assumed, { software: true })).quick.ratesAssumed).toBe(false);
  });
});

test.for([
  ['f16', true, 741],
  ['f32', false, 1109],
] as const)(
  'slices take the memory of the largest, one block of the transformer on 8,192 rows, in %s',
  ([, f16, mib]) => {
    const { sampleBytes } = planBenchmark(contextAt(assumed, { f16 })).quick;
    expect(sampleBytes / 2 ** 20 / mib).toBeCloseTo(1, 1);
  },
);
