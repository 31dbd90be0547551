import { expect, test, vi } from 'vitest';
import { watchTaking } from '../../src/generate/taking';

test('only that part of taking counts in which nothing was computed', async () => {
  let nowMs = 1000;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  try {
    const watch = watchTaking();
    const computed = (seconds: number) => {
      nowMs += seconds * 1000;
      watch.onRun({ wallSeconds: seconds });
    };
    computed(5); // the first frames
    let letGo = () => {};
    const first = watch.take(() => new Promise<void>((resolve) => (letGo = resolve)));
    computed(2); // the next ones meanwhile
    nowMs += 1500;
    letGo();
    await first;
    expect(watch.seconds()).toBeCloseTo(1.5, 6);
    computed(1);
    await watch.take(() => {
      nowMs += 250;
    });
    expect(watch.seconds()).toBeCloseTo(1.75, 6);
  } finally {
    clock.mockRestore();
  }
});
