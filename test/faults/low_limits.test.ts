/** The least that WebGPU promises: bindings of 128 MiB, 256 invocations, 16 KiB a workgroup; no f16, no subgroups, no timestamps. */
import { beforeAll, expect, test } from 'vitest';
import { remarksOf } from '../../src/bench/remarks';
import { measureSlice } from '../../src/bench/slices';
import { type GpuContext, openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import type { RunTime } from '../../src/gpu/run';
import { externalTensor } from '../../src/gpu/tensor';
import { readGolden } from '../../src/pipeline/golden';
import { activationFor, recorderOptions } from '../../src/pipeline/options';
import { synthSource } from '../../src/pipeline/synth_source';
import { verifyGolden } from '../../src/pipeline/verify';
import { goldenFile } from '../support/golden_file';
import { plainGpu } from '../support/plain_gpu';

let context: GpuContext;
beforeAll(async () => {
  context = openContext(await openDevice(plainGpu, 'test'));
});

test('the device has the limits of the specification and nothing more', () => {
  const { machine, device } = context.device;
  expect(machine).toMatchObject({
    tier: 'C',
    timestamps: false,
    limits: {
      maxBufferSize: 2 ** 28,
      maxStorageBufferBindingSize: 2 ** 27,
      maxComputeWorkgroupStorageSize: 2 ** 14,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupSizeX: 256,
      maxStorageBuffersPerShaderStage: 8,
    },
  });
  for (const feature of ['shader-f16', 'subgroups', 'timestamp-query'] as const)
    expect(device.features.has(feature), feature).toBe(false);
  expect(activationFor(context)).toBe('f32');
});

// With a first frame it goes through every network.
test.for(['tiny-pipeline-i2v', 'tiny-decoder-taew2_2'])('%s has the published results', async (name) => {
  const times: RunTime[] = [];
  const onRun = (time: RunTime) => void times.push(time);
  const golden = await readGolden(goldenFile(name));
  const rows = await verifyGolden(context, golden, { activation: 'f32', savings: true, onRun });
  expect(rows.length).toBeGreaterThan(0);
  for (const { pass, output, note } of rows)
    expect({ output, pass, note }).toEqual({ output, pass: true, note: undefined });
  expect(times.length).toBeGreaterThan(0);
  for (const { wallSeconds, gpuSeconds, passes } of times) {
    expect(wallSeconds).toBeGreaterThan(0);
    expect({ gpuSeconds, passes }).toEqual({ gpuSeconds: null, passes: [] });
  }
  expect(context.memory.bytes).toBe(0);
});

test('the benchmark times a slice by the wall clock, and the result says so', async () => {
  const settings = recorderOptions(context, 'f32');
  const source = synthSource(context, { type: 'bf16', headDim: 64 });
  const rate = await measureSlice(context, 'conv', { settings, source, seconds: 0.05, repeats: 1 });
  expect(rate.flopsPerSecond).toBeGreaterThan(1e6);
  expect(rate).toMatchObject({ gpuBusy: null, passes: [] });
  const { machine } = context.device;
  const remarks = remarksOf({ machine, mode: 'quick', clip: null, blocks: [], before: [1], after: [1] });
  expect(remarks.map(({ code }) => code)).toEqual(expect.arrayContaining(['no-timestamps', 'default-limits']));
  expect(context.memory.bytes).toBe(0);
});

test('what needs more is refused with both numbers, and what it needs less of', async () => {
  expect(() => recorderOptions(context, 'f32', 'int8')).toThrow(/packed_4x8_integer_dot_product/);
  const refused = context.memory.allocate([externalTensor('keys', [2 ** 26], 'f32')]);
  await expect(refused).rejects.toMatchObject({
    code: 'limit-too-low',
    message: expect.stringMatching(/keys needs 256 MiB.*at most 128 MiB.*smaller preset/),
  });
  expect(context.memory.bytes).toBe(0);
});
