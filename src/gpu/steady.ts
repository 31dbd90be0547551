/**
 * What comes before a measurement. The first run of a program clears new memory and fills caches; and a GPU that had
 * nothing to do takes about a second to raise its clocks (an H100 read three times too slow right after its weights
 * had been filled), so it runs until it no longer gets faster; what follows another measurement needs less.
 */
import { nowMs } from '../core/clock';
import type { BoundProgram } from './bind';
import type { GpuContext } from './context';

/** At least so long unless told otherwise, and never longer than the other. */
const LEAST_SECONDS = 0.2;
const MOST_SECONDS = 2;
/** Runs in a row, none of them noticeably faster than those before. */
const RUNS = 5;
const NOTICEABLE = 0.02;

/** A software adapter runs once: its clocks are the CPU's, which is busy anyway. Rejects as `Runner.run` does. */
export async function runUntilSteady(
  { runner, device }: GpuContext,
  programs: readonly BoundProgram[],
  signal?: AbortSignal,
  leastSeconds = LEAST_SECONDS,
): Promise<void> {
  const began = nowMs();
  let fastest = (await runner.run(programs, { signal })).wallSeconds;
  if (device.machine.software) return;
  for (let without = 0; ; ) {
    const { wallSeconds } = await runner.run(programs, { signal });
    without = wallSeconds < fastest * (1 - NOTICEABLE) ? 0 : without + 1;
    fastest = Math.min(fastest, wallSeconds);
    const elapsed = (nowMs() - began) / 1000;
    if (elapsed > MOST_SECONDS || (elapsed > leastSeconds && without >= RUNS)) return;
  }
}
