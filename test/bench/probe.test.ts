import { expect, test } from 'vitest';
import { probe } from '../../src/bench/disturbance';
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
