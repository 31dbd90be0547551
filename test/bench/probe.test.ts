import { expect, test, vi } from 'vitest';
import { probe } from '../../src/bench/disturbance';
import { nowMs } from '../../src/core/clock';
import { testContext } from '../support/evaluate';

test('a probe is long against a browser’s clock, and the same kernel the second time', async () => {
  const context = await testContext();
  const before = await probe(context);
  expect(before.samples).toHaveLength(12);
  expect(Math.min(...before.samples)).toBeGreaterThan(0.001);
  const after = await probe(context, undefined, before);
  expect(after.rounds).toBe(before.rounds);
  expect(context.memory.bytes).toBe(0);
});

test('a probe that is stopped gives its memory back', async () => {
  const context = await testContext();
  const stop = new AbortController();
  stop.abort();
  await expect(probe(context, stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
  expect(context.memory.bytes).toBe(0);
});

test('a probe is of the GPU’s own time where it tells, and on a GPU begins when clocks have had a second to rise', async () => {
  const context = await testContext();
  const { device, runner } = context;
  const runs = vi.spyOn(runner, 'run');
  const began = nowMs();
  const asGpu = { ...context, device: { ...device, machine: { ...device.machine, software: false } } };
  const { samples } = await probe(asGpu);
  expect(nowMs() - began).toBeGreaterThan(1000);
  const times = await Promise.all(runs.mock.results.slice(-samples.length).map(({ value }) => value));
  expect(samples).toEqual(times.map(({ gpuSeconds, wallSeconds }) => gpuSeconds || wallSeconds));
  runs.mockRestore();
});
