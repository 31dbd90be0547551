/** The device taken away in each stage of a benchmark that is not a clip's: those are in test/pipeline/clip_interrupted.test.ts. */
import { expect, test } from 'vitest';
import { type CaseNetwork, casesOf, measureCases } from '../../src/bench/cases';
import { runBenchmark } from '../../src/bench/modes';
import { presetOf } from '../../src/bench/presets';
import type { RunEvent } from '../../src/core/events';
import type { CaseResult } from '../../src/core/result';
import { type GpuContext, openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import { memorySource } from '../../src/pipeline/memory_source';
import { gpu } from '../support/gpu';
import { tinyConfig } from '../support/tiny_dit';

/** Destroys the device at the event, and expects to be told within a second, with all memory given back. */
async function lostAt(
  isNow: (event: RunEvent) => boolean,
  work: (context: GpuContext, emit: (event: RunEvent) => void) => Promise<unknown>,
): Promise<RunEvent[]> {
  const context = openContext(await openDevice(gpu, 'test'));
  const events: RunEvent[] = [];
  let lostMs = Number.NaN;
  const running = work(context, (event) => {
    events.push(event);
    if (!Number.isNaN(lostMs) || !isNow(event)) return;
    lostMs = performance.now();
    context.device.device.destroy();
  });
  await expect(running).rejects.toMatchObject({ name: 'AppError', code: 'device-lost' });
  expect(performance.now() - lostMs).toBeLessThan(1000);
  expect(context.memory.bytes).toBe(0);
  return events;
}

test.for(['roofs', 'sample'] as const)('in the stage %s', async (stage) => {
  const options = { preset: null, steps: null, initSeconds: 0 };
  const events = await lostAt(
    (event) => (event.type === 'stage-begin' || event.type === 'progress') && event.stage === stage,
    (context, emit) => runBenchmark(context, 'quick', { ...options, emit }),
  );
  expect(events.filter(({ type }) => type === 'run-end')).toEqual([]);
});

test('in the cases of a matrix, of which those that were finished stay', async () => {
  const config = { ...(await tinyConfig()), text_len: 512 };
  const wishes = casesOf({
    ...{ clips: [presetOf('64x64x5')], weights: ['bf16'], offloads: ['resident', 'stream'], batches: [1] },
    memoryBytes: null,
  });
  const finished: CaseResult[] = [];
  await lostAt(
    (event) => event.type === 'progress' && finished.length === 1 && event.done === 5,
    (context, emit) => {
      const network: CaseNetwork = { config, sourceOf: (type) => memorySource(context, type, 64) };
      const rates = { ceiling: context.runner.ceiling, uploadBytesPerSecond: 1e9 };
      return measureCases(context, network, wishes, { steps: 3, rates, emit, onCase: (each) => finished.push(each) });
    },
  );
  expect(finished.map(({ step }) => step?.samples.length)).toEqual([3]);
});
