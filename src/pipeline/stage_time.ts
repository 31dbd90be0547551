/** What a stage of a clip took: its seconds, the GPU's runs in it, and the most memory it had. */
import { nowMs } from '../core/clock';
import type { GpuContext } from '../gpu/context';
import type { RunTime } from '../gpu/run';
import type { ComputeOptions } from './options';

export interface StageTime {
  readonly seconds: number;
  /** Before the GPU's first run: weights that stay, pipelines, buffers. */
  readonly loadSeconds: number;
  readonly runs: readonly RunTime[];
  readonly peakBytes: number;
}

/** `work` gets the options with `onRun` listening. The peak is counted anew from here. */
export async function timeStage<T>(
  { memory }: GpuContext,
  options: ComputeOptions,
  work: (options: ComputeOptions) => Promise<T>,
): Promise<{ result: T; time: StageTime }> {
  memory.resetPeak();
  const began = nowMs();
  const secondsSince = (now: number) => (now - began) / 1000;
  let loadSeconds: number | null = null;
  const runs: RunTime[] = [];
  const onRun = (run: RunTime) => {
    loadSeconds ??= Math.max(0, secondsSince(nowMs()) - run.wallSeconds);
    runs.push(run);
    options.onRun?.(run);
  };
  const result = await work({ ...options, onRun });
  const seconds = secondsSince(nowMs());
  return { result, time: { seconds, loadSeconds: loadSeconds ?? seconds, runs, peakBytes: memory.peakBytes } };
}
