import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { busyBefore, contentionIn, throttlingIn } from '../../src/bench/disturbance';

/** Steps of a published run but the first, which warms up. */
async function stepsOf(name: string): Promise<number[]> {
  const run = JSON.parse(await readFile(`test/compare/seed-runs/${name}`, 'utf8'));
  const stages: { name: string; duration: number }[] = run.stages;
  return stages
    .filter(({ name }) => /^Step_\d+_Inference$/.test(name))
    .map(({ duration }) => duration)
    .slice(1);
}

describe('contention', () => {
  test('shows in the published run that shared its card', async () => {
    const steps = await stepsOf('v2_blackwell_contended_03_Max_Quality_704p.json');
    expect(steps.length).toBe(49);
    const { shortestSeconds, longestSeconds } = contentionIn(steps)!;
    expect(shortestSeconds).toBeCloseTo(6.88, 2);
    expect(longestSeconds).toBeCloseTo(15.08, 2);
    expect(throttlingIn(steps)).toBeNull();
  });

  test('does not in one that had it alone', async () => {
    const steps = await stepsOf('v2_l40s_01_Speed_Preview_704p.json');
    expect(steps.length).toBe(4);
    expect(contentionIn(steps)).toBeNull();
    expect(throttlingIn(steps)).toBeNull();
  });

  test.for([
    [[1, 1.01, 0.99, 1.02, 1], false],
    [[1, 1.19, 1], false],
    [[1, 1.21, 1], true],
    [[2, 1, 1, 1, 1], true],
    [[1], false],
    [[], false],
  ] as const)('of %j is %s', ([steps, expected]) => {
    expect(contentionIn(steps) !== null).toBe(expected);
  });
});

describe('throttling', () => {
  test.for([
    ['a steady rise', [1, 1.03, 1.06, 1.1, 1.14, 1.18], true],
    ['a rise with noise', [1, 0.99, 1.04, 1.03, 1.09, 1.08, 1.13, 1.15, 1.14], true],
    ['a rise beyond what contention is', [1, 1.1, 1.2, 1.3, 1.4], true],
    ['a rise of less than a tenth', [1, 1.02, 1.04, 1.06, 1.08], false],
    ['one long step at the end', [1, 1, 1, 1, 1, 1.5], false],
    ['one long step in between', [1, 1, 1.5, 1, 1, 1], false],
    ['getting faster', [1.3, 1.2, 1.1, 1], false],
    ['two steps', [1, 1.5], false],
  ] as const)('of %s', ([, steps, expected]) => {
    expect(throttlingIn(steps) !== null).toBe(expected);
  });

  test('is not called contention, too', () => {
    expect(contentionIn([1, 1.1, 1.2, 1.3, 1.4])).toBeNull();
  });
});

describe('a probe before the run', () => {
  const even = Array.from({ length: 12 }, (_, i) => 0.005 + 0.0001 * (i % 3));
  test.for([
    ['even, and so after', even, even, false],
    ['even but for one interrupt', [...even.slice(1), 0.02], even, false],
    ['uneven', even.map((seconds, i) => (i % 2 ? 2 * seconds : seconds)), even, true],
    ['even, but slower than after', even.map((seconds) => 2 * seconds), even, true],
    ['even, and slower after: it got busy later', even, even.map((seconds) => 2 * seconds), false],
  ] as const)('%s', ([, before, after, expected]) => {
    expect(busyBefore(before, after) !== null).toBe(expected);
  });
});
