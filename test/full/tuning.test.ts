/**
 * What the tuner chooses against all that it could have chosen, at every listed shape as it measures it. Half a minute
 * on two idle cores; on busy ones the times stray further than the tunings differ.
 */
import { expect, test } from 'vitest';
import { recorderOptions } from '../../src/pipeline/options';
import { titleOf } from '../../src/tuning/cases';
import { activationOf, casesOf } from '../../src/tuning/device_key';
import { race, type Timed } from '../../src/tuning/race';
import { candidatesOf } from '../../src/tuning/record_case';
import { shrunk } from '../../src/tuning/shrink';
import { soundOf } from '../../src/tuning/sound';
import { sameTuning } from '../../src/tuning/table';
import { tuneCase, withCase } from '../../src/tuning/tuner';
import { inCpuTime } from '../support/cpu_clock';
import { testContext } from '../support/evaluate';

/** About 5 ms a call on llvmpipe. */
const MOST_FLOPS = 3e7;
const RACES = 3;

test('its choice is within 5 % of the best at every listed shape', async () => {
  const context = await testContext();
  const { machine } = context.device;
  let compared = 0;
  for (const one of casesOf(context)) {
    const { entry } = await inCpuTime(machine, () => tuneCase(context, one, MOST_FLOPS));
    if (!entry) continue;
    const candidates = candidatesOf(recorderOptions(context, activationOf(one)), one.kernel, one.size);
    const seconds = await withCase(context, shrunk(one, MOST_FLOPS), undefined, async ({ settings, tensors }) => {
      const { sound } = await soundOf(context, settings, tensors, candidates);
      expect(sound.map(({ tuning }) => tuning)).toEqual(candidates);
      const races: Timed[][] = [];
      const again = () => race(context, settings, tensors, sound, { keepAll: true });
      for (let i = 0; i < RACES; i++) races.push(await inCpuTime(machine, again));
      return candidates.map((_, i) => Math.min(...races.map((timed) => timed[i]!.seconds)));
    });
    const chosen = seconds[candidates.findIndex((candidate) => sameTuning(candidate, entry.tuning))]!;
    const times = candidates.map((tuning, i) => `${JSON.stringify(tuning)} ${(seconds[i]! * 1e3).toFixed(2)} ms`);
    console.log(`${titleOf(one)}: ${times.join(', ')}; chosen ${JSON.stringify(entry.tuning)}`);
    expect.soft(chosen / Math.min(...seconds), titleOf(one)).toBeLessThan(1.05);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(5);
});
