/** Faults in a benchmark, but for a lost device: a kernel that does not compile, numbers that are none, a clock that leaps. */
import { describe, expect, test } from 'vitest';
import { measureBlock } from '../../src/bench/blocks';
import { runBenchmark } from '../../src/bench/modes';
import { presetOf } from '../../src/bench/presets';
import { openLog } from '../../src/bench/run_log';
import { measureSlice, type SliceOptions } from '../../src/bench/slices';
import type { RunEvent } from '../../src/core/events';
import { recorderOptions } from '../../src/pipeline/options';
import { synthSource } from '../../src/pipeline/synth_source';
import { testContext } from '../support/evaluate';
import { changeKernels, everFurtherBack, leapingClock, refusedKernel, spoilKernels, withNaN } from '../support/faults';

/** Quick ends in this stage with such an error; it has no result, and nothing is left in GPU memory. */
async function quickFailsIn(stage: string, error: { code: string; message: RegExp }): Promise<void> {
  const context = await testContext();
  const events: RunEvent[] = [];
  const running = runBenchmark(context, 'quick', {
    ...{ preset: null, steps: null, initSeconds: 0 },
    emit: (event) => void events.push(event),
  });
  await expect(running).rejects.toMatchObject({
    name: 'AppError',
    code: error.code,
    message: expect.stringMatching(error.message),
  });
  expect(events.findLast(({ type }) => type === 'stage-begin')).toMatchObject({ stage });
  expect(events.filter(({ type }) => type === 'run-end')).toEqual([]);
  expect(context.memory.bytes).toBe(0);
}

test.for([
  ['roofs', 'roof_copy'],
  ['sample', 'row_norm'],
] as const)('a kernel of the stage %s that does not compile ends the benchmark', async ([stage, kernel]) => {
  spoilKernels(await testContext(), ({ name }) => name === kernel);
  await quickFailsIn(stage, { code: 'shader-invalid', message: refusedKernel(kernel) });
});

/** The shortest, of convolutions. */
async function slice({ source, ...options }: Partial<SliceOptions> = {}) {
  const context = await testContext();
  return measureSlice(context, 'conv', {
    settings: recorderOptions(context, 'f32'),
    source: source ?? synthSource(context, { type: 'bf16' }),
    ...{ seconds: 0.05, repeats: 1, ...options },
  });
}

describe('what computes NaN has no time', () => {
  test('of all that Quick measures', async () => {
    changeKernels(await testContext(), ({ name, code }) =>
      name === 'synth' ? code.replace('= word_of(word)', '= 0xffffffffu') : code,
    );
    const message = /^The results of the slice linear hold \d+ values of \d+ that are NaN/;
    await quickFailsIn('sample', { code: 'not-finite', message });
  });

  test.for(['conv 1024', 'bias 256'])('in a slice, of which the weight %s is NaN', async (weight) => {
    const context = await testContext();
    const source = withNaN(context, synthSource(context, { type: 'bf16' }), weight);
    const message = expect.stringMatching(/^The results of the slice conv hold \d+ values of 4096/);
    await expect(slice({ source })).rejects.toMatchObject({ code: 'not-finite', message });
    expect(context.memory.bytes).toBe(0);
  });

  test('in a block', async () => {
    const context = await testContext();
    const source = withNaN(context, synthSource(context, { type: 'bf16' }), 'blocks.0.modulation');
    const log = openLog(context.memory);
    const what = { clip: presetOf('64x64x5'), repeats: 1 };
    const block = measureBlock(context, source, recorderOptions(context, 'f32'), what, log);
    const message = expect.stringMatching(/^The block’s first rows hold \d+ values of \d+/);
    await expect(block).rejects.toMatchObject({ code: 'not-finite', message });
    log.close();
    expect(context.memory.bytes).toBe(0);
  });
});

test('a clock that is set back again and again makes no rate that a result may not hold', async () => {
  const clock = leapingClock(everFurtherBack);
  // Of a time so short that one which seems to be less makes the slice no larger.
  const { samples, flopsPerSecond } = await slice({ seconds: 1e-4, repeats: 3 });
  expect(clock.readings).toBeGreaterThan(10);
  expect(samples).toHaveLength(3);
  for (const value of [...samples, flopsPerSecond, 1 / flopsPerSecond]) expect(value).toBeGreaterThan(0);
});
