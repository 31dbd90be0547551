/** Latents → frames of video, and frames → latents, chunk by chunk: only one chunk is ever whole in memory. */
import type { GpuContext } from '../gpu/context';
import type { Tensor } from '../gpu/tensor';
import type { LatentMoments, VaeConfig } from '../vae/config';
import { encoderWeights } from '../vae/weights';
import { firstFrame, ofChunk, programsOf, runPass, writeMoments } from './chunk_run';
import { loadCoder, plantCoder } from './coder_weights';
import { decodeModel, type FramesPass, type LatentsPass, wholePass } from './decode_passes';
import { planDecode } from './decode_plan';
import { encodePass } from './encode_pass';
import { type ComputeOptions, recorderOptions } from './options';
import { decodeInTiles } from './tiled_decode';
import type { WeightSource } from './weight_source';

export interface DecodeOptions extends ComputeOptions {
  /**
   * A rectangle of a chunk is done: (3, 1 or 4, its height, its width) f32 in [−1, 1], beginning with this frame, and
   * with its upper left pixel there. Valid until it first waits, as the next chunk is computed then: one call at a time,
   * in order. What it throws ends the decode once that chunk is computed, and Stop waits for a call that is under way. Without tiles it is the whole frame; with them every rectangle comes through all frames before the next begins.
   */
  readonly onFrames?: (frames: Tensor, first: number, corner: Corner) => void | Promise<void>;
}

export interface Corner {
  readonly x: number;
  readonly y: number;
}

/** latents (z, frames, h, w) f32, normalised, in GPU memory. In tiles where `memoryBytes` or the GPU's limits ask for it. */
export async function decodeLatents(
  context: GpuContext,
  source: WeightSource,
  config: VaeConfig,
  moments: LatentMoments,
  latents: Tensor,
  options: DecodeOptions,
): Promise<void> {
  const model = decodeModel(source, config, recorderOptions(context, options.activation), options.savings);
  const plan = planDecode(model, latents.shape, { ...options, besidesBytes: context.memory.bytes });
  const whole = plan.tilePixels ? null : wholePass(model, latents, plan.windowBytes, options.tap !== undefined);
  if (whole) context.pipelines.begin(programsOf(whole));
  const unload = await loadCoder(context, source, model.coder, options);
  try {
    if (whole) await decodeWhole(context, whole, moments, latents, options);
    else await decodeInTiles(context, model, moments, latents, plan.tilePixels!, plan, options);
  } finally {
    unload();
  }
}

async function decodeWhole(
  context: GpuContext,
  pass: FramesPass & LatentsPass,
  moments: LatentMoments,
  latents: Tensor,
  options: DecodeOptions,
): Promise<void> {
  const { tap, onFrames } = options;
  await runPass(context, pass, latents.shape[1]!, options, {
    begin: () => writeMoments(context.memory, pass.moments, moments),
    async after(chunk) {
      if (tap) await pass.state.readTaps(context, chunk, tap);
    },
    read: (chunk) => onFrames?.(ofChunk(pass.frames, chunk), firstFrame(chunk), { x: 0, y: 0 }),
  });
}

/** frames (3, 4n + 1, height, width) f32 in [−1, 1] → `latents` (z, n + 1, height/16, width/16) f32, normalised. */
export async function encodeFrames(
  context: GpuContext,
  source: WeightSource,
  config: VaeConfig,
  moments: LatentMoments,
  frames: Tensor,
  latents: Tensor,
  options: ComputeOptions,
): Promise<void> {
  const settings = recorderOptions(context, options.activation);
  const coder = plantCoder(source, (ask, kernel) => encoderWeights(ask, kernel, config));
  const pass = encodePass(
    { config, coder, settings, savings: options.savings },
    frames,
    latents,
    options.tap !== undefined,
  );
  context.pipelines.begin(programsOf(pass));
  const unload = await loadCoder(context, source, coder, options);
  try {
    await runPass(context, pass, latents.shape[1]!, options, {
      begin: () => writeMoments(context.memory, pass.moments, moments),
      async after(chunk) {
        if (options.tap) await pass.state.readTaps(context, chunk, options.tap);
      },
    });
  } finally {
    unload();
  }
}
