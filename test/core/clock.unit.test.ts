import { expect, onTestFinished, test, vi } from 'vitest';
import { nowMs } from '../../src/core/clock';

test('runs on from where it was when the system’s clock is set back, and as fast', () => {
  const readings = [5e9, 5e9 + 10, 4e9, 4e9 + 7, 4e9 + 7, 1, 4, 9e9];
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => readings.shift()!);
  onTestFinished(() => clock.mockRestore());
  const began = nowMs();
  const passed = Array.from({ length: 7 }, () => nowMs() - began);
  expect(passed.slice(0, 6)).toEqual([10, 10, 17, 17, 17, 20]);
  expect(passed[6]).toBeGreaterThan(4e9); // a leap forwards stays: the machine may have slept
});
