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

export interface TinyDecodeOptions extends Pick<DecodeOptions, 'signal' | 'tap' | 'onRun' | 'onBlock' | 'onFrames'> {
  /** 'first': the first frame of the video, from the first latent frame alone. All unless given. */
  readonly frames?: 'first' | 'all';
}

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
    const count = options.frames === 'first' ? 1 : latents.shape[1]!;
    const pass = tinyPass(model, latents, count, options.tap !== undefined);
    const besidesBytes = context.memory.bytes - model.coder.bytes;
    tinyPeakBytes(model, pass, { besidesBytes, memoryBytes: loading.memoryBytes });
    await runPass(context, pass, count, options, {
      async after(chunk) {
        if (options.tap) await pass.state.readTaps(context, chunk, options.tap);
        await options.onFrames?.(ofChunk(pass.frames, chunk), firstFrame(chunk), { x: 0, y: 0 });
      },
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
  options: DecodeOptions & Pick<TinyDecodeOptions, 'frames'>,
): Promise<void> {
  const decoder = await openTinyDecoder(context, source, config, options);
  try {
    await decoder.decode(latents, options);
  } finally {
    decoder.destroy();
  }
}
