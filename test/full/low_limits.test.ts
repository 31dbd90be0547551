/**
 * The forms of the kernels for GPUs on the least that WebGPU promises: their tiles in 16 KiB of workgroup memory, 256
 * invocations. A software adapter takes half a minute to compile those of a network; its own forms are in test/faults.
 * And a benchmark in its own forms, which takes it one or two.
 */
import { expect, test } from 'vitest';
import { runBenchmark } from '../../src/bench/modes';
import { readResult } from '../../src/compare/read_result';
import { openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import { readGolden } from '../../src/pipeline/golden';
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

test('Quick, of all four kinds of work, has a result that can be read, in f32 and by the wall clock', async () => {
  const result = await runBenchmark(asItIs, 'quick', { preset: null, steps: null, initSeconds: 0, emit: () => {} });
  expect(readResult(JSON.stringify(result))).toMatchObject({ ok: true });
  expect(result).toMatchObject({
    machine: { tier: 'C', timestamps: false },
    key: { activations: 'f32' },
    counts: { gpuBusy: null },
  });
  expect(result.remarks.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['no-timestamps', 'default-limits', 'sampled']),
  );
  for (const stages of [result.stages, result.projection.stages])
    for (const stage of ['encode', 'step', 'decode'] as const) expect(stages[stage].seconds, stage).toBeGreaterThan(0);
  expect(asItIs.memory.bytes).toBe(0);
});
