/** The matrix with the tiny transformer's sizes, its weights synthetic as the real one's are. */
import { beforeEach, expect, test } from 'vitest';
import { type CaseNetwork, type CaseOffload, type CaseWish, casesOf, measureCases } from '../../src/bench/cases';
import { planCase } from '../../src/bench/plan_case';
import { presetOf } from '../../src/bench/presets';
import { AppError } from '../../src/core/errors';
import type { RunEvent } from '../../src/core/events';
import type { CaseResult } from '../../src/core/result';
import { memorySource } from '../../src/pipeline/memory_source';
import { activationFor, recorderOptions } from '../../src/pipeline/options';
import { testContext } from '../support/evaluate';
import { withNaN } from '../support/faults';
import { tinyConfig } from '../support/tiny_dit';

const rates = { ceiling: { flopsPerSecond: 1e9, bytesPerSecond: 1e9 }, uploadBytesPerSecond: 1e9 };

async function tinyNetwork(): Promise<CaseNetwork> {
  const context = await testContext();
  // The benchmark's prompts are longer than the tiny model's text; no weight depends on that.
  const config = { ...(await tinyConfig()), text_len: 512 };
  return { config, sourceOf: (type) => memorySource(context, type, 64) };
}

// What a case adds to a forward goes by no adapter, and this one compiles for ten seconds.
beforeEach(async ({ skip }) => {
  if (/swiftshader/i.test((await testContext()).device.machine.adapter)) skip();
});

const matrix = (offloads: readonly CaseOffload[], memoryBytes: number | null = null) =>
  casesOf({ clips: [presetOf('64x64x5')], weights: ['bf16'], offloads, batches: [1, 2], memoryBytes });

test('every case is measured as planned, and what fails is kept while the others go on', async () => {
  const context = await testContext();
  const { config, sourceOf } = await tinyNetwork();
  const network: CaseNetwork = {
    config,
    sourceOf: (type) =>
      type === 'f32'
        ? { ...sourceOf(type), fill: () => Promise.reject(new AppError('storage-failed', 'The disk is gone.')) }
        : sourceOf(type),
  };
  const [first, ...others] = matrix(['resident', 'partial', 'stream']);
  const failing: CaseWish = { ...first!, weights: 'f32' };
  const impossible: CaseWish = { ...first!, memoryBytes: 2 ** 16 };
  const wishes = [first!, failing, impossible, ...others];
  const told: CaseResult[] = [];
  const results = await measureCases(context, network, wishes, { steps: 3, rates, onCase: (each) => told.push(each) });

  expect(told).toEqual(results);
  expect(results.map(({ key }) => `${key.weights} ${key.offload} ${key.batch}`)).toEqual(
    wishes.map(({ weights, offload, batch }) => `${weights} ${offload} ${batch}`),
  );
  expect(results[1]).toMatchObject({ step: null, failure: { code: 'storage-failed', message: 'The disk is gone.' } });
  expect(results[2]).toMatchObject({ step: null, failure: { code: 'out-of-memory' } });
  const settings = recorderOptions(context, activationFor(context));
  for (const [index, { step, failure, ...result }] of results.entries()) {
    const plan = planCase(settings, config, wishes[index]!, 3, rates);
    expect(result.peakGpuBytes, 'the planned peak, to the byte').toBe(plan.peakBytes);
    expect(result.streamedBytesPerStep).toBe(plan.streamedBytesPerStep);
    if (failure) continue;
    expect(step).toMatchObject({ kind: 'measured', warmUp: [expect.any(Number)] });
    expect(step!.samples).toHaveLength(3);
    for (const seconds of [...step!.samples, ...step!.warmUp!]) expect(seconds).toBeGreaterThan(0);
    expect(result.exposedSeconds + result.hiddenSeconds > 0).toBe(result.streamedBytesPerStep > 0);
  }
  const streamedOf = (offload: string) => results.find(({ key }) => key.offload === offload)!.streamedBytesPerStep;
  expect(streamedOf('partial')).toBeGreaterThan(0);
  expect(streamedOf('partial')).toBeLessThan(streamedOf('stream'));
  expect(context.memory.bytes).toBe(0);
});

test('a case whose numbers are none has no time, and says so', async () => {
  const context = await testContext();
  const { config, sourceOf } = await tinyNetwork();
  const network: CaseNetwork = { config, sourceOf: (type) => withNaN(context, sourceOf(type), 'head.modulation') };
  const [result] = await measureCases(context, network, matrix(['resident']).slice(0, 1), { steps: 1, rates });
  const message = expect.stringMatching(/^The velocity hold \d+ values of \d+ that are NaN/);
  expect(result).toMatchObject({ step: null, failure: { code: 'not-finite', message } });
  expect(context.memory.bytes).toBe(0);
});

test('a stop ends the matrix, tells what was finished, and gives all memory back', async () => {
  const context = await testContext();
  const stop = new AbortController();
  const finished: CaseResult[] = [];
  const events: RunEvent[] = [];
  const running = measureCases(context, await tinyNetwork(), matrix(['resident']), {
    steps: 3,
    rates,
    signal: stop.signal,
    onCase: (each) => finished.push(each),
    emit(event) {
      events.push(event);
      if (finished.length === 1 && event.type === 'progress' && event.done === 5) stop.abort();
    },
  });
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  expect(finished.map(({ step }) => step?.samples.length)).toEqual([3]);
  const progress = events.filter((event) => event.type === 'progress');
  expect(progress.map(({ done, total }) => `${done} of ${total}`)).toEqual(
    [0, 0, 1, 2, 3, 4, 4, 4, 5].map((done) => `${done} of 8`),
  );
  for (const { secondsLeft } of progress) expect(secondsLeft).toBeGreaterThan(0);
  expect(progress.at(-1)!.detail).toBe('64x64x5 · bf16 · resident · × 2');
  expect(context.memory.bytes).toBe(0);
});
