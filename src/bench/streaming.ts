/** What it costs to keep weights out of GPU memory: guided steps with the weights placed as chosen, as a result of its own. */
import { nowMs } from '../core/clock';
import type { Emit } from '../core/events';
import { activationsName, type Products } from '../core/products';
import type { Figure, Machine } from '../core/result';
import { ENGINE_VERSION } from '../core/version';
import type { DitConfig } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import { learnRate } from '../pipeline/learn_rate';
import { activationFor } from '../pipeline/options';
import type { WeightSource } from '../pipeline/weight_source';
import { type Brought, measureGuidedSteps, type Placement } from './guided_steps';
import { type Preset, tokensOf } from './presets';

export interface StreamingOptions extends Placement {
  /** Of the linear layers; exact unless given. */
  readonly products?: Products | undefined;
  /** Measured steps; one more runs first. */
  readonly steps: number;
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
}

export interface StreamingResult {
  readonly schema: 'wanscope-streaming';
  readonly version: 1;
  readonly createdAt: string;
  readonly engineVersion: string;
  readonly machine: Machine;
  readonly preset: string;
  readonly tokens: number;
  /** 'f32' or 'f16', and what else core/products.ts adds. */
  readonly activations: string;
  readonly weights: string;
  readonly residency: Placement['residency'];
  readonly memoryBytes: number | null;
  readonly residentBytes: number;
  readonly streamedBytes: number;
  readonly peakGpuBytes: number;
  /** Of the measured steps’ time, in which the GPU ran no kernel; null without timestamps. */
  readonly outsideKernels: number | null;
  /** Wall time of a guided step. */
  readonly step: Figure;
  /** Null where nothing is streamed. */
  readonly brought: Brought | null;
  /** From nothing to the first step: resident weights loaded, the prompt's keys made. */
  readonly loadSeconds: number;
}

export async function measureStreaming(
  context: GpuContext,
  source: WeightSource,
  config: DitConfig,
  preset: Preset,
  { residency, memoryBytes, products, steps, signal, emit = () => {} }: StreamingOptions,
): Promise<StreamingResult> {
  await learnRate(context, signal);
  let began = nowMs();
  const seconds = () => (nowMs() - began) / 1000;
  const progress = (stage: 'load' | 'denoise', done: number, total: number) =>
    emit({
      type: 'progress',
      atMs: nowMs(),
      stage,
      done,
      total,
      detail: preset.id,
      secondsLeft: done > 0 ? (seconds() * (total - done)) / done : 0,
    });
  emit({ type: 'stage-begin', atMs: began, stage: 'load', estimateSeconds: 0 });
  const what = { clip: preset, batch: 1, residency, memoryBytes, products };
  const measured = await measureGuidedSteps(context, source, config, what, {
    steps,
    signal,
    onLoad: (bytes, total) => progress('load', bytes, total),
    onStep(done, total) {
      if (done === 0) {
        emit({ type: 'stage-end', atMs: nowMs(), stage: 'load', seconds: seconds() });
        began = nowMs();
        emit({ type: 'stage-begin', atMs: began, stage: 'denoise', estimateSeconds: 0 });
      }
      if (done < total) progress('denoise', done, total);
    },
  });
  emit({ type: 'stage-end', atMs: nowMs(), stage: 'denoise', seconds: seconds() });
  return {
    schema: 'wanscope-streaming',
    version: 1,
    createdAt: new Date().toISOString(),
    engineVersion: ENGINE_VERSION,
    machine: context.device.machine,
    preset: preset.id,
    tokens: tokensOf(preset),
    activations: activationsName(activationFor(context), products),
    weights: products === 'int8' ? `${source.label}, linear layers as q8_0` : source.label,
    residency,
    memoryBytes: memoryBytes ?? null,
    ...measured,
  };
}
