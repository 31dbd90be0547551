/** From what was measured to the result that is shown, saved and compared. */
import type { BenchmarkResult } from '../core/result';
import { ENGINE_VERSION } from '../core/version';
import type { GpuContext } from '../gpu/context';
import { checksOf } from './checks';
import { figureOf, measuredStages, sampledStages, withTotal } from './figures';
import { busyShare, busyShareOfSlices, kernelShares } from './kernel_shares';
import { keyOf } from './key';
import { type Preset, REFERENCE, STEPS } from './presets';
import type { Begun, Outcome } from './protocol';
import { remarksOf } from './remarks';
import { rounded } from './rounded';
import { stageWork } from './work';

export interface Measured extends Outcome, Omit<Begun, 'source' | 'events'> {
  readonly context: GpuContext;
  readonly mode: BenchmarkResult['mode'];
  readonly initSeconds: number;
  /** Seconds of the probe, before the run and after it. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export function buildResult(measured: Measured): BenchmarkResult {
  const { context, mode, roofs, rates, settings, activation, log, choice, steps, clip, blocks } = measured;
  const { machine } = context.device;
  const { work, preset } = choice;
  const { offload, weights = 'bf16' } = measured;
  const { products } = settings;
  const key = (of: Preset) => keyOf(context, of, { activations: activation, offload, weights, products, steps });
  const init = figureOf([measured.initSeconds]);
  const stages = clip ? measuredStages(clip) : sampledStages(work, rates);
  const block = blocks.find(({ clip }) => clip.id === REFERENCE.id);
  const reference = sampledStages(stageWork(REFERENCE, settings), rates, block?.figure);
  const lastStep = clip?.steps.at(-1);
  const perStep = lastStep?.map(({ dispatches }) => dispatches) ?? [...work.calls.step.values()];
  const samples = log.memory;
  const result = rounded<Omit<BenchmarkResult, 'machine'>>({
    schema: 'wanscope-result',
    version: 2,
    name: '',
    id: crypto.randomUUID(),
    createdAt: new Date().toISOString(),
    engineVersion: ENGINE_VERSION,
    mode,
    tuning: context.tuning.source,
    roofs,
    key: key(preset),
    stages: { init, ...withTotal(stages, steps), ...(clip && mode === 'full' && { total: figureOf([clip.seconds]) }) },
    projection: {
      key: keyOf(context, REFERENCE, { activations: activation, offload: 'one-block', products }),
      stages: { init, ...withTotal(reference, STEPS) },
    },
    checks: checksOf(measured, key),
    cases: [], // they join it afterwards
    timeline: log.timeline,
    memory: { limitBytes: measured.limitBytes, samples },
    kernels: kernelShares(rates, work, steps),
    counts: {
      gpuBusy: clip ? busyShare(clip.steps.slice(1).flat()) : busyShareOfSlices(rates),
      dispatchesPerStep: perStep.reduce((count, dispatches) => count + dispatches, 0),
      bytesMovedPerStep: work.step.linear.bytes + work.step.attention.bytes,
      peakGpuBytes: Math.max(...samples.map(({ bytes }) => bytes)),
    },
    remarks: remarksOf({ ...measured, machine }),
  });
  return { ...result, machine };
}
