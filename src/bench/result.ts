/** From what was measured to the result that is shown, saved and compared. */
import type { Remark } from '../core/events';
import type { BenchmarkResult, KernelShare, Roofs, StageFigures } from '../core/result';
import { ENGINE_VERSION } from '../core/version';
import type { GpuContext } from '../gpu/context';
import { keyOf } from './key';
import type { ClipTimes } from './measure';
import { type Preset, REFERENCE, STEPS } from './presets';
import type { Rates } from './quick';
import type { StageWork } from './work';

export interface Measured {
  readonly context: GpuContext;
  readonly roofs: Roofs;
  readonly rates: Rates;
  readonly preset: Preset;
  readonly steps: number;
  readonly activation: 'f32' | 'f16';
  readonly work: StageWork;
  readonly stages: StageFigures;
  readonly projection: StageFigures;
  /** The clip that was measured whole, or null where all is sampled. */
  readonly clip: ClipTimes | null;
}

export function buildResult(measured: Measured): BenchmarkResult {
  const { context, roofs, rates, preset, activation, work, stages, projection, clip } = measured;
  const key = (of: Preset) => keyOf(context, of, { activations: activation, offload: 'one-block' });
  const linear = work.step.linear;
  return {
    schema: 'wanscope-result',
    version: 2,
    name: '',
    id: crypto.randomUUID(),
    createdAt: new Date().toISOString(),
    engineVersion: ENGINE_VERSION,
    mode: 'quick',
    machine: context.device.machine,
    roofs,
    key: key(preset),
    stages,
    projection: { key: key(REFERENCE), stages: projection },
    checks: [],
    cases: [],
    timeline: [],
    memory: { limitBytes: null, samples: [] },
    kernels: kernelShares(rates, work),
    counts: {
      gpuBusy: clip ? busyOf(clip) : busyOfSlices(rates),
      dispatchesPerStep:
        clip?.steps[0]?.reduce((count, { dispatches }) => count + dispatches, 0) ?? work.dispatchesPerStep,
      bytesMovedPerStep: linear.bytes + work.step.attention.bytes,
      peakGpuBytes: context.memory.peakBytes,
    },
    remarks: remarksOf(measured),
  };
}

/** Each slice's passes, scaled to that kind of work in a whole clip, added up by kernel; longest first. */
function kernelShares(rates: Rates, { encode, step, decode }: StageWork): KernelShare[] {
  const shares = new Map<string, KernelShare>();
  for (const { kind, cost: slice, passes } of Object.values(rates)) {
    const clip = encode[kind].flops + STEPS * step[kind].flops + decode[kind].flops;
    const scale = clip / slice.flops;
    for (const { kernel, seconds, cost } of passes) {
      if (kernel === null) continue;
      const before = shares.get(kernel) ?? { calls: 0, seconds: 0, flops: 0, bytes: 0 };
      shares.set(kernel, {
        kernel,
        calls: before.calls + scale,
        seconds: before.seconds + seconds * scale,
        flops: before.flops + cost.flops * scale,
        bytes: before.bytes + cost.bytes * scale,
      });
    }
  }
  return [...shares.values()]
    .map((share) => ({ ...share, calls: Math.round(share.calls) }))
    .sort((a, b) => b.seconds - a.seconds);
}

function busyOf({ steps }: ClipTimes): number | null {
  const times = steps.flat();
  if (times.length === 0 || times.some(({ gpuSeconds }) => gpuSeconds === null)) return null;
  const wall = times.reduce((total, { wallSeconds }) => total + wallSeconds, 0);
  return times.reduce((total, { gpuSeconds }) => total + gpuSeconds!, 0) / wall;
}

function busyOfSlices(rates: Rates): number | null {
  const busy = Object.values(rates).map(({ gpuBusy }) => gpuBusy);
  return busy.some((share) => share === null)
    ? null
    : busy.reduce<number>((total, share) => total + share!, 0) / busy.length;
}

function remarksOf({ context, clip, stages }: Measured): Remark[] {
  const { machine } = context.device;
  const remarks: Remark[] = [];
  if (machine.software) remarks.push({ code: 'software-adapter', values: { adapter: machine.adapter } });
  if (!machine.timestamps) remarks.push({ code: 'no-timestamps', values: {} });
  const bindingBytes = machine.limits.maxStorageBufferBindingSize ?? 0;
  if (bindingBytes <= 128 * 2 ** 20) remarks.push({ code: 'default-limits', values: { bindingBytes } });
  remarks.push({ code: clip ? 'one-block-of-weights' : 'sampled', values: {} });
  const [firstSeconds, lastSeconds] = [stages.step.samples[0], stages.step.samples.at(-1)];
  if (clip && firstSeconds && lastSeconds && stages.step.samples.length > 2 && lastSeconds > 1.1 * firstSeconds)
    remarks.push({ code: 'throttled', values: { firstSeconds, lastSeconds } });
  return remarks;
}
