/** What was measured here, a benchmark or a video, as a row of Compare. */

import { tokensOfClip } from '../core/clip';
import type { ClipResult, SavedClip } from '../core/clip_run';
import type { BenchmarkResult, ComparisonKey, Machine, StageFigures } from '../core/result';
import type { Run, RunKey, RunStages } from '../core/run';
import { WAN22 } from '../core/wan22_name';
import { totalAt } from './stage_sums';
import { UNKNOWN_RUN } from './unknown_run';

export function runOfResult(result: BenchmarkResult): Run {
  const { key, stages, projection, counts } = result;
  return {
    ...runOfMachine(result),
    id: result.id,
    origin: 'own',
    name: result.name,
    contended: result.remarks.some(({ code }) => code === 'contended'),
    key: runKey(key),
    stages: runStages(stages),
    projection: { key: runKey(projection.key), stages: runStages(projection.stages) },
    checks: result.checks,
    peakMemoryBytes: counts.peakGpuBytes,
    gpuBusy: counts.gpuBusy,
    roofs: result.roofs,
    kernels: result.kernels,
    cases: result.cases,
    timeline: result.timeline,
    memory: result.memory,
    remarks: result.remarks,
  };
}

/** Of a video whose model has other shapes than Wan2.2's, nothing is scaled. */
export function runOfClip(clip: ClipResult): Run {
  const { settings, machine, createdAt, model, modelFingerprint, stages, resumedSteps } = clip;
  const { width, height, frames, guidance, decoder } = settings;
  const steps = resumedSteps + (stages.step?.samples.length ?? 0);
  const { load, encode, image, step, decode, total } = stages;
  return {
    ...runOfMachine(clip),
    id: `${modelFingerprint} ${createdAt}`,
    origin: 'video',
    name: model,
    key: {
      model: clip.network === WAN22 ? WAN22 : modelFingerprint,
      width,
      height,
      frames,
      tokens: tokensOfClip(settings),
      steps,
      guidance: guidance !== 1,
      promptTokens: clip.promptTokens,
      batch: 1,
      activations: clip.activations,
      weights: clip.weights,
      attention: machine.software ? 'direct' : 'flash, tiled',
      offload: clip.offload,
      textEncoderOn: 'gpu',
      decoder,
      gpus: 1,
    },
    stages: {
      init: load,
      encode,
      image,
      step,
      decode,
      total: totalAt(stages, steps, steps),
      // What an earlier session took is not known.
      wall: resumedSteps === 0 ? total : null,
    },
    peakMemoryBytes: clip.peakGpuBytes,
    extra: { settings, framesPerSecond: clip.framesPerSecond, resumedSteps },
  };
}

/** Of a kept or opened one, by the id that it is kept by. */
export function runOfSaved(saved: BenchmarkResult | SavedClip): Run {
  if (saved.schema === 'wanscope-result') return runOfResult(saved);
  const run = runOfClip(saved);
  return { ...run, id: saved.id, name: saved.name || run.name };
}

interface Here {
  readonly machine: Pick<Machine, 'adapter' | 'software' | 'runtime'>;
  readonly engineVersion?: string;
  readonly createdAt: string;
}

/** What all that was measured here begins with. */
export function runOfMachine({ machine, engineVersion, createdAt }: Here) {
  return {
    ...UNKNOWN_RUN,
    device: { name: machine.adapter, memoryBytes: null, software: machine.software },
    software: [engineVersion && `WanScope ${engineVersion}`, machine.runtime].filter(Boolean).join(', '),
    date: createdAt,
  };
}

function runKey({ preset: _, ...key }: ComparisonKey): RunKey {
  return { ...key, model: WAN22, textEncoderOn: 'gpu', decoder: 'vae', gpus: 1 };
}

const runStages = (stages: StageFigures): RunStages => ({ ...stages, image: null, wall: null });
