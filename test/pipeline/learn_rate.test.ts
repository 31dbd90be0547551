import { expect, test } from 'vitest';
import { openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import { learnRate, productRate } from '../../src/pipeline/learn_rate';
import { gpu } from '../support/gpu';

const SMALL = { rows: 64, columns: 64, depth: 64 };

test('the rate of a product is measured, and its memory given back', async () => {
  const context = openContext(await openDevice(gpu, 'test'));
  const rate = await productRate(context, SMALL);
  expect(rate).toBeGreaterThan(1e6);
  expect(rate).toBeLessThan(1e15);
  expect(context.memory.bytes).toBe(0);
  context.device.device.destroy();
});

test('a stop ends the measuring, and leaves nothing', async () => {
  const context = openContext(await openDevice(gpu, 'test'));
  await expect(productRate(context, SMALL, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  expect(context.memory.bytes).toBe(0);
  context.device.device.destroy();
});

test('a GPU is planned by its own rate, measured once; a software adapter by what is assumed of it', async () => {
  const context = openContext(await openDevice(gpu, 'test'));
  const { runner, device } = context;
  await learnRate(context);
  if (device.machine.software) expect(runner.ceiling).toBe(device.assumed);
  else {
    const learned = runner.ceiling;
    expect(learned.flopsPerSecond).toBeGreaterThan(1e10);
    await learnRate(context);
    expect(runner.ceiling).toBe(learned);
  }
  context.device.device.destroy();
});
