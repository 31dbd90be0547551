/** What a slice foretells of one whole block of the transformer, beside the block: seconds; whole clips are in test/full. */
import { expect, test } from 'vitest';
import { measureBlock } from '../../src/bench/blocks';
import { SMALL_PRESETS } from '../../src/bench/presets';
import { type Rates, sampledFigure } from '../../src/bench/rates';
import { openLog } from '../../src/bench/run_log';
import { measureSlice } from '../../src/bench/slices';
import { stageWork } from '../../src/bench/work';
import { recorderOptions } from '../../src/pipeline/options';
import { synthSource } from '../../src/pipeline/synth_source';
import { inCpuTime } from '../support/cpu_clock';
import { testContext } from '../support/evaluate';

test('a block takes what its slice foretells, within 15 %', async () => {
  const context = await testContext();
  const { memory, device } = context;
  const settings = recorderOptions(context, 'f32');
  const source = synthSource(context, { type: 'bf16' });
  const log = openLog(memory);
  const [clip] = SMALL_PRESETS;
  const { measured, foretold } = await inCpuTime(device.machine, async () => {
    const linear = await measureSlice(context, 'linear', { settings, source, seconds: 0.1, repeats: 3 });
    const block = await measureBlock(context, source, settings, { clip: clip!, repeats: 3 }, log);
    // Of so few tokens attention is a thousandth.
    const rates = { linear, attention: linear } as unknown as Rates;
    return { measured: block!.figure, foretold: sampledFigure(stageWork(clip!, settings).block, rates) };
  });
  log.close();
  // The shortest of each: others' work on the same cores only makes longer.
  const [shortest, shortestForetold] = [measured, foretold].map(({ samples }) => Math.min(...samples)) as [
    number,
    number,
  ];
  console.log(`${shortest.toFixed(3)} s measured, ${shortestForetold.toFixed(3)} s foretold`);
  expect(Math.abs(shortestForetold / shortest - 1)).toBeLessThan(0.15);
  expect(measured.samples).toHaveLength(3);
  expect(log.timeline.map(({ lane, label }) => `${lane} ${label}`)).toEqual(Array(4).fill('denoise block'));
  expect(Math.max(...log.memory.map(({ bytes }) => bytes))).toBeGreaterThan(2 * 145e6);
  expect(memory.bytes).toBe(0);
});
