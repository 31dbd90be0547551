/**
 * Standard and Full of the smallest clip at full width: what slices foretell of each stage is within 15 % of what it
 * takes, or 25 % on a machine whose speed wanders. Eight minutes on two idle cores, or three times as long.
 */
import { describe, expect, test } from 'vitest';
import { runFull } from '../../src/bench/full';
import { SMALL_PRESETS } from '../../src/bench/presets';
import { runStandard } from '../../src/bench/standard';
import type { RunEvent } from '../../src/core/events';
import { median } from '../../src/core/median';
import type { BenchmarkResult } from '../../src/core/result';
import { inCpuTime } from '../support/cpu_clock';
import { testContext } from '../support/evaluate';

const MINUTES = 60_000;
const GIB = 2 ** 30;
const [CLIP] = SMALL_PRESETS;
const options = { preset: CLIP!.id, initSeconds: 1 };

async function inMode(run: typeof runFull, more: { steps: number; memoryBytes?: number }) {
  const context = await testContext();
  const events: RunEvent[] = [];
  const emit = (event: RunEvent) => void events.push(event);
  const result = await inCpuTime(context.device.machine, () => run(context, { ...options, ...more, emit }));
  expect(context.memory.bytes).toBe(0);
  const stages = events.flatMap((event) => (event.type === 'stage-end' ? [event.stage] : []));
  return { result, stages };
}

const WITHIN = 0.15;
const MOST_WANDER = 0.2;

/** By stage: what was foretold over what was measured, and how far the slices' own samples, before the clip and after, lie apart. */
const checkedOf = ({ checks, projection }: BenchmarkResult) =>
  checks.map(({ stage, key, measuredSeconds, projectedSeconds }) => {
    const { samples } = projection.stages[stage === 'block' ? 'step' : stage];
    expect(samples.length, stage).toBeGreaterThan(0);
    const wander = (Math.max(...samples) - Math.min(...samples)) / median(samples);
    const numbers = [measuredSeconds, projectedSeconds, 100 * wander].map((value) => value.toPrecision(3));
    console.log(
      `${stage} of ${key.preset}: ${numbers[0]} s measured, ${numbers[1]} s foretold by slices ${numbers[2]} % apart`,
    );
    return { stage, ratio: projectedSeconds / measuredSeconds, wander };
  });

/**
 * A shared machine's cores are by a fifth faster or slower from one few seconds to the next, and some stages take no
 * longer: half of what slices wandered is not held against them, and where one run misses, the middle one of three counts.
 */
async function expectWithin(first: BenchmarkResult, again: () => Promise<{ result: BenchmarkResult }>): Promise<void> {
  const runs = [checkedOf(first)];
  const isWithin = (ratio: number, wander: number) => Math.abs(ratio - 1) < WITHIN + Math.min(wander, MOST_WANDER) / 2;
  if (!runs[0]!.every(({ ratio, wander }) => isWithin(ratio, wander)))
    while (runs.length < 3) runs.push(checkedOf((await again()).result));
  for (const [index, { stage }] of runs[0]!.entries()) {
    const of = (name: 'ratio' | 'wander') => median(runs.map((checked) => checked[index]![name]));
    const [ratio, wander] = [of('ratio'), of('wander')];
    const told = `${stage}: foretold ÷ measured is ${ratio.toFixed(2)}, of slices ${wander.toFixed(2)} apart`;
    expect.soft(isWithin(ratio, wander), told).toBe(true);
  }
}

describe('what slices foretell', { timeout: 60 * MINUTES }, () => {
  test('of a block, the prompts, a step and the frames', async () => {
    const run = () => inMode(runStandard, { steps: 5 });
    const { result, stages } = await run();
    expect(stages).toEqual(['roofs', 'sample', 'encode', 'denoise', 'decode', 'resample']);
    expect(result.checks.map(({ stage }) => stage)).toEqual(['block', 'encode', 'step', 'decode']);
    await expectWithin(result, run);
    expect(result.stages.step).toMatchObject({ kind: 'measured', samples: { length: 5 }, warmUp: { length: 1 } });
    expect(result.stages.total.kind).toBe('derived');
    expect(result.remarks.map(({ code }) => code)).toContain('block-at-fewer-tokens');
    expect(result.timeline.length).toBeLessThanOrEqual(200);
  });

  test('of a whole clip with weights of its own in 2 GiB, none of it projected', async () => {
    const run = () => inMode(runFull, { steps: 2, memoryBytes: 2 * GIB });
    const { result } = await run();
    await expectWithin(result, run);
    expect(result.key).toMatchObject({ steps: 2, offload: 'partial' });
    for (const { kind } of Object.values(result.stages)) expect(kind).toBe('measured');
    const { encode, step, decode, total } = result.stages;
    const [warmUp = 0] = step.warmUp ?? [];
    expect(total.seconds).toBeGreaterThanOrEqual(encode.seconds + warmUp + step.seconds + decode.seconds);
    expect(result.memory.limitBytes).toBe(Number((2 * GIB).toPrecision(6)));
    expect(result.counts.peakGpuBytes).toBeLessThanOrEqual(2 * GIB);
    expect(result.timeline.some(({ lane }) => lane === 'upload')).toBe(true);
    expect(result.checks.map(({ stage }) => stage)).toEqual(['encode', 'step', 'decode']);
  });
});
