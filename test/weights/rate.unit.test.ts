import { expect, test } from 'vitest';
import { rateMeter } from '../../src/weights/rate';

test('the rate is that of the last seconds, from the first one on', () => {
  let nowMs = 1000;
  const rate = rateMeter(() => nowMs);
  expect(rate.perSecond()).toBe(0);
  nowMs += 500;
  rate.add(100);
  expect(rate.perSecond()).toBe(200);
  for (let second = 0; second < 10; second++) {
    nowMs += 1000;
    rate.add(1000);
  }
  expect(rate.perSecond()).toBe(1000);
  nowMs += 2500;
  expect(rate.perSecond()).toBe(600);
  nowMs += 10_000;
  expect(rate.perSecond()).toBe(0);
});
