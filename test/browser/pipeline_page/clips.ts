/**
 * The golden files' clips on the browser's own device, with the pipeline as the
 * app has it. Keeps the last state of a run, for the next one to go on from.
 */
import { expose } from 'comlink';
import { AppError } from '../../../src/core/errors';
import { type GpuContext, openContext } from '../../../src/gpu/context';
import { openDevice } from '../../../src/gpu/device';
import { type ClipStage, makeClip, type SamplingState } from '../../../src/pipeline/clip';
import { readClip, wholeVideo } from '../../../src/pipeline/clip_stages';
import { readGolden } from '../../../src/pipeline/golden';
import type { Residency } from '../../../src/pipeline/options';
import { synthSource } from '../../../src/pipeline/synth_source';
import { blobSource } from '../../../src/weights/byte_source';
import { keepErrorCodes } from '../../../workers/error_transfer';

keepErrorCodes();

const GOLDENS = {
  t2v: new URL('../../../public/golden/tiny-pipeline-t2v.safetensors', import.meta.url),
  i2v: new URL('../../../public/golden/tiny-pipeline-i2v.safetensors', import.meta.url),
};

export interface ClipRun {
  readonly residency: Residency;
  /** Begin after the state that the last run left. */
  readonly resume?: boolean;
  /** Stop as soon as the state after this step is kept. */
  readonly stopAfter?: number;
  /** Destroy the device during the step after this one. */
  readonly loseAfter?: number;
}

export interface ClipEnd {
  /** The code of the AppError that it ended in. */
  readonly code: string | null;
  readonly stages: readonly ClipStage[];
  /** Those whose states came. */
  readonly steps: readonly number[];
  /** What the run left on the GPU. */
  readonly gpuBytes: number;
  /** (3, T, H, W); NaN where none came. */
  readonly frames: Float32Array;
}

let context: GpuContext | null = null;
let kept: SamplingState | undefined;

const clips = {
  async adapter(): Promise<string> {
    context ??= openContext(await openDevice(navigator.gpu, 'test'));
    return context.device.machine.adapter;
  },

  async make(mode: keyof typeof GOLDENS, { residency, resume, stopAfter, loseAfter }: ClipRun): Promise<ClipEnd> {
    const here = (context ??= openContext(await openDevice(navigator.gpu, 'test')));
    const blob = await (await fetch(GOLDENS[mode])).blob();
    const { config, inputs, file } = await readGolden(blobSource(mode, blob));
    const { networks, request } = readClip(config, inputs, file);
    const headDim = networks.text.dim_attn / networks.text.num_heads;
    const video = wholeVideo(request.shape);
    const stop = new AbortController();
    const stages: ClipStage[] = [];
    const steps: number[] = [];
    if (!resume) kept = undefined;
    const code = await makeClip(here, synthSource(here, { type: 'bf16', headDim }), networks, request, {
      activation: 'f32',
      savings: true,
      residency,
      tileBytes: 16 * 1024, // half a matrix, so that matrices are cut
      resume: kept,
      signal: stop.signal,
      onStage: (stage) => void stages.push(stage),
      onState(state) {
        kept = structuredClone(state);
        steps.push(state.done);
        if (state.done === stopAfter) stop.abort();
      },
      onRun() {
        if (!loseAfter || stages.at(-1) !== 'denoise' || kept?.done !== loseAfter) return;
        here.device.device.destroy();
        context = null;
      },
      onFrames: video.add,
    }).then(() => null, codeOf);
    return { code, stages, steps, gpuBytes: here.memory.bytes, frames: video.values };
  },
};

function codeOf(failure: unknown): string {
  if (failure instanceof AppError) return failure.code;
  throw failure;
}

export type Clips = typeof clips;
expose(clips);
