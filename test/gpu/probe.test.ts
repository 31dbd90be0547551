import { expect, test } from 'vitest';
import { calibrateUpload, probeMemory } from '../../src/gpu/probe';
import { testContext } from '../support/evaluate';

test('memory is probed without keeping any, and never above what a software adapter is asked for', async () => {
  const context = await testContext();
  const bytes = await probeMemory(context);
  expect(bytes).toBeGreaterThan(256 * 2 ** 20);
  expect(bytes).toBeLessThanOrEqual((context.device.machine.software ? 4 : 24) * 2 ** 30);
  expect(context.memory.bytes).toBe(0);
  await expect(probeMemory(context, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  expect(context.memory.bytes).toBe(0);
});

test('the fastest way of uploading is found by uploading, and used from then on', async () => {
  const context = await testContext();
  const { way, bytesPerSecond } = await calibrateUpload(context);
  expect(context.uploader.way).toBe(way);
  if (context.device.machine.software) expect(way).toBe('write');
  expect(bytesPerSecond).toBeGreaterThan(1e8);
  expect(context.memory.bytes).toBe(0);
});
