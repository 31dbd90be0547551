/** Which kernels a clip's time goes to, and how busy they keep the GPU. */
import type { KernelShare } from '../core/result';
import type { RunTime } from '../gpu/run';
import type { Rates } from './rates';
import type { StageWork } from './work';

/**
 * Each slice's passes, scaled to that kind of work in a whole clip, added up by kernel; longest first. Calls are the
 * clip's own dispatches: those of a slice are many more to an operation.
 */
export function kernelShares(rates: Rates, work: StageWork, steps: number): KernelShare[] {
  const { encode, step, decode, calls } = work;
  const callsOf = (kernel: string) =>
    (calls.encode.get(kernel) ?? 0) + steps * (calls.step.get(kernel) ?? 0) + (calls.decode.get(kernel) ?? 0);
  const shares = new Map<string, KernelShare>();
  for (const { kind, cost: slice, passes } of Object.values(rates)) {
    const clip = encode[kind].flops + steps * step[kind].flops + decode[kind].flops;
    const scale = clip / slice.flops;
    for (const { kernel, seconds, cost } of passes) {
      if (kernel === null) continue;
      const before = shares.get(kernel) ?? { seconds: 0, flops: 0, bytes: 0 };
      shares.set(kernel, {
        kernel,
        calls: callsOf(kernel),
        seconds: before.seconds + seconds * scale,
        flops: before.flops + cost.flops * scale,
        bytes: before.bytes + cost.bytes * scale,
      });
    }
  }
  return [...shares.values()].sort((a, b) => b.seconds - a.seconds);
}

/** Timestamped passes over wall time, 0–1; null without timestamps. */
export function busyShare(runs: readonly RunTime[]): number | null {
  if (runs.length === 0 || runs.some(({ gpuSeconds }) => gpuSeconds === null)) return null;
  const wall = runs.reduce((total, { wallSeconds }) => total + wallSeconds, 0);
  return runs.reduce((total, { gpuSeconds }) => total + gpuSeconds!, 0) / wall;
}

export function busyShareOfSlices(rates: Rates): number | null {
  const busy = Object.values(rates).map(({ gpuBusy }) => gpuBusy);
  return busy.some((share) => share === null)
    ? null
    : busy.reduce<number>((total, share) => total + share!, 0) / busy.length;
}
