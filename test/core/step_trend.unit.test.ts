import { describe, expect, test } from 'vitest';
import { TREND_LIMIT, trendOf } from '../../src/core/step_trend';

const series = (length: number, at: (step: number) => number) => Array.from({ length }, (_, step) => at(step));

describe('the trend of a series of steps', () => {
  test('is the change from first to last, in parts of the first', () => {
    expect(trendOf(series(11, (step) => 2 + 0.04 * step))).toBeCloseTo(0.2, 12);
    expect(trendOf(series(11, (step) => 2 - 0.04 * step))).toBeCloseTo(-0.2, 12);
    expect(trendOf(series(6, () => 3))).toBe(0);
  });

  test('is not made by outliers, wherever they stand', () => {
    for (const slow of [0, 7, 19]) {
      const times = series(20, (step) => (step === slow ? 9 : 2 + 0.01 * Math.sin(step)));
      expect(Math.abs(trendOf(times)!)).toBeLessThan(TREND_LIMIT / 5);
    }
  });

  test('is seen through noise', () => {
    const times = series(30, (step) => (2 + (0.5 * step) / 29) * (1 + 0.03 * Math.sin(7 * step)));
    expect(trendOf(times)).toBeGreaterThan(2 * TREND_LIMIT);
  });

  test('is not made up where there is none to see', () => {
    expect(trendOf([])).toBeNull();
    expect(trendOf([1, 2, 3, 4])).toBeNull();
    expect(trendOf([1, 1, Number.NaN, 1, 1])).toBeNull();
    expect(trendOf([1, 1, 0, 1, 1])).toBeNull();
  });
});
