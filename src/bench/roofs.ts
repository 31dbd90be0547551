/** What this machine can do at best, measured by our own loops in a second or two. */
import type { Roofs } from '../core/result';
import { type GpuContext, runOnce } from '../gpu/context';
import { calibrateUpload } from '../gpu/probe';
import type { RunTime } from '../gpu/run';
import { externalTensor, tensorBytes } from '../gpu/tensor';
import { roofCopy } from '../kernels/roof_copy';
import { roofFma } from '../kernels/roof_fma';

/** Long against the clock's step of 0.1 ms, short for the visitor. */
const SECONDS = 0.03;
const REPEATS = 3;

/** GPU time where the adapter gives it, else wall time. */
export function secondsOf({ gpuSeconds, wallSeconds }: RunTime): number {
  return gpuSeconds !== null && gpuSeconds > 0 ? gpuSeconds : wallSeconds;
}

export async function measureRoofs(context: GpuContext, signal?: AbortSignal): Promise<Roofs> {
  const f16 = context.device.device.features.has('shader-f16');
  return {
    fp32FlopsPerSecond: await arithmetic(context, 'f32', signal),
    f16FlopsPerSecond: f16 ? await arithmetic(context, 'f16', signal) : null,
    matrixFlopsPerSecond: null,
    bytesPerSecond: await bandwidth(context, signal),
    uploadBytesPerSecond: (await calibrateUpload(context)).bytesPerSecond,
  };
}

async function arithmetic(context: GpuContext, type: 'f32' | 'f16', signal?: AbortSignal): Promise<number> {
  // Long dispatches are split (gpu/bind.ts): each piece, too, must fill the largest GPU several times.
  const invocations = context.device.machine.software ? 4096 : 1 << 22;
  const result = externalTensor('roof', [invocations, 4], type);
  await context.memory.allocate([result]);
  try {
    let best = 0;
    let rounds = 4;
    for (let repeat = 0; repeat < REPEATS; ) {
      const { time } = await runOnce(context, 'roof', { activation: 'f32' }, (r) => roofFma(r, result, rounds), {
        signal,
      });
      const seconds = secondsOf(time);
      if (seconds < SECONDS / 2) {
        rounds *= 2;
        continue;
      }
      best = Math.max(best, (invocations * rounds * 512) / seconds);
      repeat += 1;
    }
    return best;
  } finally {
    context.memory.free([result]);
  }
}

async function bandwidth(context: GpuContext, signal?: AbortSignal): Promise<number> {
  // Well beyond any cache, within every binding.
  const bytes = context.device.machine.software ? 32 << 20 : 128 << 20;
  const from = externalTensor('roof from', [bytes / 4], 'f32');
  const to = externalTensor('roof to', [bytes / 4], 'f32');
  await context.memory.allocate([from, to]);
  try {
    let best = 0;
    let copies = 1;
    for (let repeat = 0; repeat < REPEATS; ) {
      const copy = (r: Parameters<typeof roofCopy>[0]) => {
        for (let i = 0; i < copies; i++) roofCopy(r, i % 2 ? to : from, i % 2 ? from : to);
      };
      const { time } = await runOnce(context, 'roof', { activation: 'f32' }, copy, { signal });
      const seconds = secondsOf(time);
      if (seconds < SECONDS / 2) {
        copies *= 2;
        continue;
      }
      best = Math.max(best, (copies * 2 * tensorBytes(from)) / seconds);
      repeat += 1;
    }
    return best;
  } finally {
    context.memory.free([from, to]);
  }
}
