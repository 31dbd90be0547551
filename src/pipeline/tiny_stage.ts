/** Latents → frames by the tiny decoder: for previews between steps, and in place of the VAE's decoder. */
import type { GpuContext } from '../gpu/context';
import type { Tensor } from '../gpu/tensor';
import type { TinyConfig } from '../vae/tiny_weights';
import { firstFrame, ofChunk, runPass } from './chunk_run';
import { loadCoder } from './coder_weights';
import { type ComputeOptions, recorderOptions } from './options';
import { tinyModel, tinyPass, tinyPeakBytes } from './tiny_pass';
import type { DecodeOptions } from './video_stage';
import type { WeightSource } from './weight_source';

export type TinyDecodeOptions = Pick<
  DecodeOptions,
  'signal' | 'memoryBytes' | 'tap' | 'onRun' | 'onBlock' | 'onFrames'
>;

/** The tiny decoder with its weights in GPU memory, 11 to 22 MiB; all else is there only while it decodes. */
export interface TinyDecoder {
  /**
   * latents (z, frames, h, w) f32, normalised, in GPU memory. Frames come as `decodeLatents` gives them. Throws
   * shape-mismatch for latents of another width, out-of-memory where it would take more than is allowed.
   */
  decode(latents: Tensor, options: TinyDecodeOptions): Promise<void>;
  destroy(): void;
}

export async function openTinyDecoder(
  context: GpuContext,
  source: WeightSource,
  config: TinyConfig,
  { activation, savings, ...loading }: Pick<ComputeOptions, 'activation' | 'savings' | 'signal' | 'memoryBytes'>,
): Promise<TinyDecoder> {
  const model = tinyModel(source, config, recorderOptions(context, activation), savings);
  const unload = await loadCoder(context, source, model.coder, loading);

  async function decode(latents: Tensor, options: TinyDecodeOptions): Promise<void> {
    const pass = tinyPass(model, latents, options.tap !== undefined);
    const besidesBytes = context.memory.bytes - model.coder.bytes;
    tinyPeakBytes(model, pass, { besidesBytes, memoryBytes: loading.memoryBytes });
    await runPass(context, pass, latents.shape[1]!, options, {
      async after(chunk) {
        if (options.tap) await pass.state.readTaps(context, chunk, options.tap);
      },
      read: (chunk) => options.onFrames?.(ofChunk(pass.frames, chunk), firstFrame(chunk), { x: 0, y: 0 }),
    });
  }

  return { decode, destroy: unload };
}

/** All at once, as `decodeLatents` does it. */
export async function decodeTiny(
  context: GpuContext,
  source: WeightSource,
  config: TinyConfig,
  latents: Tensor,
  options: DecodeOptions,
): Promise<void> {
  const decoder = await openTinyDecoder(context, source, config, options);
  try {
    await decoder.decode(latents, options);
  } finally {
    decoder.destroy();
  }
}
