import { expect, test } from 'vitest';
import { arithmeticOf, kernelCases, shareOfRoof } from '../../src/bench/kernel_cases';
import type { Roofs } from '../../src/core/result';
import type { GpuContext } from '../../src/gpu/context';
import { record } from '../../src/gpu/program';
import { recorderOptions } from '../../src/pipeline/options';

/** A GPU with matrix units and packed products, which nothing is run on. */
const context = {
  device: {
    machine: { software: false },
    ...{
      tier: 'A',
      packedDot: true,
      matrixUnits: { rows: 16, columns: 16, depth: 16, syntax: 'named' },
      adapter: { info: { subgroupMinSize: 32, subgroupMaxSize: 32 } },
    },
    device: { features: new Set(['shader-f16', 'subgroups']), limits: { maxComputeWorkgroupStorageSize: 49152 } },
  },
  tuning: { choices: () => undefined },
} as unknown as GpuContext;

const roofs: Roofs = {
  ...{ fp32FlopsPerSecond: 60e12, f16FlopsPerSecond: 65e12, matrixFlopsPerSecond: 600e12 },
  ...{ bytesPerSecond: 3e12, uploadBytesPerSecond: 1e9 },
};

test('a kernel’s share is of what it computes by: matrix units where it uses them, fp32 elsewhere, and none in 8 bits', () => {
  const seen = new Set<string>();
  for (const { kernel, title, tuning, activation, products, build } of kernelCases(context, 'f16')) {
    const arithmetic = arithmeticOf(record(kernel, recorderOptions(context, activation, products), build).program);
    seen.add(`${kernel} ${arithmetic}`);
    const isMatrix = 'SM' in tuning || (kernel === 'attention' && !('TQ' in tuning));
    expect({ title, tuning, arithmetic }).toEqual({
      ...{ title, tuning },
      arithmetic: products === 'int8' ? 'int8' : isMatrix ? 'matrix' : 'f32',
    });
  }
  expect([...seen].sort()).toEqual([
    ...[
      'attention f32',
      'attention matrix',
      'matmul f32',
      'matmul int8',
      'matmul matrix',
      'rms_rope f32',
      'row_norm f32',
    ],
  ]);
  const time = { kernel: '', title: '', tuning: {}, seconds: 1, flopsPerSecond: 180e12, bytesPerSecond: 1.5e12 };
  const share = (arithmetic: 'f32' | 'matrix' | 'int8') => shareOfRoof({ ...time, arithmetic }, roofs);
  expect([share('f32'), share('matrix'), share('int8')]).toEqual([3, 0.5, null]);
});
