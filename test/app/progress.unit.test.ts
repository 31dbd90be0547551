import { describe, expect, test } from 'vitest';
import { advance, milestoneBetween, NO_PROGRESS, overall, type Progress } from '../../src/app/progress';
import type { RunEvent } from '../../src/core/events';

const begin: RunEvent = {
  type: 'run-begin',
  atMs: 1000,
  title: 'Quick',
  stages: [
    { stage: 'encode', share: 1 },
    { stage: 'denoise', share: 3 },
  ],
  estimateSeconds: 20,
};
const denoise = (done: number, atMs: number, secondsLeft: number): RunEvent => ({
  type: 'progress',
  atMs,
  stage: 'denoise',
  done,
  total: 4,
  detail: '',
  secondsLeft,
});
const after = (...events: RunEvent[]): Progress => events.reduce(advance, NO_PROGRESS);

test('moves by the estimated shares of the stages, whatever they sum to', () => {
  const encoded = after(begin, { type: 'stage-end', atMs: 2000, stage: 'encode', seconds: 1 });
  expect(overall(encoded)).toBeCloseTo(0.25, 9);
  expect(overall(advance(encoded, denoise(2, 3000, 10)))).toBeCloseTo(0.25 + 0.75 / 2, 9);
});

test('never moves back', () => {
  const there = after(begin, denoise(3, 2000, 5));
  expect(overall(advance(there, denoise(1, 2100, 5)))).toBe(overall(there));
});

describe('the time of one unit', () => {
  const stage: RunEvent = { type: 'stage-begin', atMs: 10_000, stage: 'denoise', estimateSeconds: 8 };

  test('is unknown before the first has passed', () => {
    expect(after(begin, stage, denoise(0, 10_500, 8)).unitSeconds).toBeNull();
  });

  test('is the median, so that one slow step does not shake it', () => {
    const progress = after(begin, stage, denoise(1, 12_000, 6), denoise(2, 14_000, 4), denoise(3, 19_000, 2));
    expect(progress.unitSeconds).toBe(2);
  });

  test('counts units, not events', () => {
    expect(after(begin, stage, denoise(2, 14_000, 4)).unitSeconds).toBe(2);
  });

  test('is that of whole ones, while parts move the bar', () => {
    const half = after(begin, stage, denoise(0.5, 13_000, 6));
    expect(half.unitSeconds).toBeNull();
    expect(overall(half)).toBeCloseTo(0.75 / 8, 9);
    const more = [denoise(1, 14_000, 6), denoise(1.5, 14_100, 5)].reduce(advance, half);
    expect(more.unitSeconds).toBe(4);
    expect(advance(more, denoise(2.25, 20_000, 4)).unitSeconds).toBe(6); // the middle of 4 and 6
  });
});

test('the time left does not count up for a small change, and does for a large one', () => {
  const shown = after(begin, denoise(1, 2000, 10));
  expect(advance(shown, denoise(2, 2500, 11)).secondsLeft).toBe(10);
  expect(advance(shown, denoise(2, 2500, 9)).secondsLeft).toBe(9);
  expect(advance(shown, denoise(2, 2500, 14)).secondsLeft).toBe(14);
});

test('a remark is kept, once, until the next run begins', () => {
  const remark: RunEvent = { type: 'remark', atMs: 1500, code: 'no-previews', values: { reason: '2 MiB of 1' } };
  const told = after(begin, remark, remark);
  expect(told.remarks).toEqual([{ code: 'no-previews', values: { reason: '2 MiB of 1' } }]);
  expect(advance(told, begin).remarks).toEqual([]);
});

describe('milestones, for who hears and does not see', () => {
  test('are a stage that begins, or a tenth that is reached', () => {
    const began = after(begin);
    const first = advance(began, { type: 'stage-begin', atMs: 1100, stage: 'encode', estimateSeconds: 1 });
    expect(milestoneBetween(began, first)).toEqual({ name: 'stage', stage: 'encode' });
    const half = advance(first, denoise(2, 3000, 10)); // another stage, and 37 %
    expect(milestoneBetween(first, half)).toEqual({ name: 'stage', stage: 'denoise' });
    expect(milestoneBetween(half, advance(half, denoise(3, 4000, 5)))).toEqual({ name: 'percent', percent: 50 });
  });

  test('are not every step', () => {
    const before = after(begin, { ...denoise(1, 2000, 5), total: 1000 } as RunEvent);
    const next = advance(before, { ...denoise(2, 2100, 5), total: 1000 } as RunEvent);
    expect(milestoneBetween(before, next)).toBeNull();
  });
});
