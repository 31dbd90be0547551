import { afterEach, expect, test, vi } from 'vitest';
import type { GpuContext } from '../../src/gpu/context';
import { runUntilSteady } from '../../src/gpu/steady';

afterEach(() => vi.restoreAllMocks());

test.for([
  ['a GPU', false, undefined, 0.2],
  ['a GPU that was told to take longer', false, 1, 1],
  ['a software adapter', true, 1, 0],
] as const)('%s runs for long enough, and no longer than it gets faster', async ([, software, least, seconds]) => {
  let elapsedMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => elapsedMs);
  const run = async () => {
    elapsedMs += 20;
    return { wallSeconds: 0.02 };
  };
  const context = { runner: { run }, device: { machine: { software } } } as unknown as GpuContext;
  await runUntilSteady(context, [], undefined, least);
  expect(elapsedMs / 1000 - seconds).toBeGreaterThan(0);
  expect(elapsedMs / 1000 - seconds).toBeLessThan(0.1);
});
