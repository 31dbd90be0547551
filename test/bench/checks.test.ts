/** What a slice foretells of one whole block of the transformer, beside the block: seconds; whole clips are in test/full. */
import { expect, test } from 'vitest';
import { measureBlock } from '../../src/bench/blocks';
import { presetOf, SMALL_PRESETS } from '../../src/bench/presets';
import { type Rates, sampledFigure } from '../../src/bench/rates';
import { openLog } from '../../src/bench/run_log';
import { measureSlice } from '../../src/bench/slices';
import { stageWork } from '../../src/bench/work';
import { median } from '../../src/core/median';
import { recorderOptions } from '../../src/pipeline/options';
import { synthSource } from '../../src/pipeline/synth_source';
import { inCpuTime } from '../support/cpu_clock';
import { testContext } from '../support/evaluate';

const ROUNDS = 3;

test('a block takes what its slices foretell, within 15 %', async () => {
  const context = await testContext();
  const { memory, device } = context;
  const settings = recorderOptions(context, 'f32');
  const source = synthSource(context, { type: 'bf16' });
  // A GPU is done with so few tokens before it is at work.
  const clip = device.machine.software ? SMALL_PRESETS[0]! : presetOf('832x480x33');
  const slice = (name: 'linear' | 'attention') =>
    measureSlice(context, name, { settings, source, seconds: 0.1, repeats: 3 });
  // A machine's cores wander by a fifth from one few seconds to the next: what foretells is measured beside what is
  // foretold, and of the rounds the middle counts.
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const log = openLog(memory);
    await inCpuTime(device.machine, async () => {
      const linear = await slice('linear');
      // Of so few tokens as a software adapter's attention is a thousandth.
      const attention = device.machine.software ? linear : await slice('attention');
      const block = (await measureBlock(context, source, settings, { clip, repeats: 1 }, log))!;
      const rates = { linear, attention } as unknown as Rates;
      const [shortest, shortestForetold] = [block.figure, sampledFigure(stageWork(clip, settings).block, rates)].map(
        ({ samples }) => Math.min(...samples),
      ) as [number, number];
      console.log(`${shortest.toFixed(3)} s measured, ${shortestForetold.toFixed(3)} s foretold`);
      ratios.push(shortestForetold / shortest);
      expect(block.figure.samples).toHaveLength(1);
    });
    log.close();
    expect(log.timeline.map(({ lane, label }) => `${lane} ${label}`)).toEqual(Array(2).fill('denoise block'));
    expect(Math.max(...log.memory.map(({ bytes }) => bytes))).toBeGreaterThan(2 * 145e6);
    expect(memory.bytes).toBe(0);
  }
  expect(Math.abs(median(ratios) - 1)).toBeLessThan(0.15);
});
