import { expect, test } from 'vitest';
import { growsBy, growthOf } from './growth';

const line = (values: readonly number[], stepSeconds = 60) =>
  values.map((value, i) => ({ atSeconds: i * stepSeconds, value }));

test('what is flat does not grow, nor what is always nothing', () => {
  for (const value of [7e6, 0]) expect(growthOf(line([value, value, value, value]))).toEqual({ perHour: 0, error: 0 });
});

test('a leak of a hundredth an hour is told to the digit, by the value at its beginning', () => {
  const leak = line(Array.from({ length: 30 }, (_, i) => 1e8 * (1 + (0.02 * i) / 60)));
  const growth = growthOf(leak)!;
  expect(growth.perHour).toBeCloseTo(0.02, 10);
  expect(growsBy(growth, 0.01)).toBe(true);
  expect(growsBy(growth, 0.03)).toBe(false);
});

test('straying that leads nowhere is no growth, and is told', () => {
  const growth = growthOf(line(Array.from({ length: 40 }, (_, i) => 1e8 + (i % 2 === 0 ? 1e6 : -1e6))))!;
  expect(growth.error).toBeGreaterThan(0.001);
  expect(growsBy(growth, 0.01)).toBe(false);
});

test('a leak within straying is found', () => {
  const leak = line(Array.from({ length: 60 }, (_, i) => 1e8 + 2e5 * i + (i % 2 === 0 ? 1e6 : -1e6)));
  expect(growsBy(growthOf(leak)!, 0.01)).toBe(true);
});

test('of one moment nothing is told, and what is no number has grown', () => {
  expect(growthOf(line([1]))).toBeNull();
  expect(growthOf(line([1, Number.NaN, 2]))).toBeNull();
  expect(growsBy({ perHour: Number.NaN, error: 0 }, 0.01)).toBe(true);
});
