/**
 * The forms of the kernels for GPUs on the least that WebGPU promises: their tiles in 16 KiB of workgroup memory, 256
 * invocations. A software adapter takes half a minute to compile those of a network; its own forms are in test/faults.
 */
import { expect, test } from 'vitest';
import { measureSlice } from '../../src/bench/slices';
import { openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import { readGolden } from '../../src/pipeline/golden';
import { recorderOptions } from '../../src/pipeline/options';
import { synthSource } from '../../src/pipeline/synth_source';
import { verifyGolden } from '../../src/pipeline/verify';
import { goldenFile } from '../support/golden_file';
import { plainGpu } from '../support/plain_gpu';

const device = await openDevice(plainGpu, 'test');
const asGpu = openContext({ ...device, machine: { ...device.machine, software: false } });
const asItIs = openContext(device);

test.for(['tiny-t5', 'tiny-dit', 'tiny-vae-decode'])('%s has the published results', async (name) => {
  const rows = await verifyGolden(asGpu, await readGolden(goldenFile(name)), { activation: 'f32', savings: true });
  expect(rows.length).toBeGreaterThan(0);
  for (const { pass, output, note } of rows)
    expect({ output, pass, note }).toEqual({ output, pass: true, note: undefined });
  expect(asGpu.memory.bytes).toBe(0);
});

test.for(['text', 'linear', 'attention', 'conv'] as const)('the slice %s of the benchmark is timed', async (kind) => {
  const settings = recorderOptions(asItIs, 'f32');
  const source = synthSource(asItIs, { type: 'bf16', headDim: 64 });
  const rate = await measureSlice(asItIs, kind, { settings, source, seconds: 0.05, repeats: 1 });
  expect(rate.flopsPerSecond).toBeGreaterThan(1e6);
  expect(rate).toMatchObject({ gpuBusy: null, passes: [] });
  expect(asItIs.memory.bytes).toBe(0);
});
