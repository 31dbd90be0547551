/** Latents → frames by the tiny decoder: for previews between steps, and in place of the VAE's decoder. */
import type { GpuContext } from '../gpu/context';
import { record } from '../gpu/program';
import { externalTensor, rowsOf, type Tensor } from '../gpu/tensor';
import { framesOut, TINY_PATCHES } from '../kernels/frames_out';
import { expectShape } from '../kernels/kernel';
import { latentsIn } from '../kernels/latents_in';
import { decodeTinyChunk, tinyFrames } from '../vae/tiny_decoder';
import { type TinyConfig, tinyWeights } from '../vae/tiny_weights';
import { chunkKinds, chunkState, firstFrame, ofChunk, runPass } from './chunk_run';
import { loadCoder, plantCoder } from './coder_weights';
import { type ComputeOptions, recorderOptions } from './options';
import type { DecodeOptions } from './video_stage';
import type { WeightSource } from './weight_source';

export interface TinyDecodeOptions extends Pick<DecodeOptions, 'signal' | 'tap' | 'onRun' | 'onBlock' | 'onFrames'> {
  /** 'first': the first frame of the video, from the first latent frame alone. All unless given. */
  readonly frames?: 'first' | 'all';
}

/** The tiny decoder with its weights in GPU memory, 11 to 22 MiB; all else is there only while it decodes. */
export interface TinyDecoder {
  /** latents (z, frames, h, w) f32, normalised, in GPU memory. Frames come as `decodeLatents` gives them. */
  decode(latents: Tensor, options: TinyDecodeOptions): Promise<void>;
  destroy(): void;
}

export async function openTinyDecoder(
  context: GpuContext,
  source: WeightSource,
  config: TinyConfig,
  { activation, savings, ...loading }: Pick<ComputeOptions, 'activation' | 'savings' | 'signal' | 'memoryBytes'>,
): Promise<TinyDecoder> {
  const settings = recorderOptions(context, activation);
  const perLatent = tinyFrames(config);
  const coder = plantCoder(source, (ask, kernel) => tinyWeights(ask, kernel, config, savings));
  const unload = await loadCoder(context, source, coder, loading);

  async function decode(latents: Tensor, options: TinyDecodeOptions): Promise<void> {
    const [, latentFrames = 0, height = 0, width = 0] = latents.shape;
    expectShape('The tiny decoder', latents, [config.z_dim, latentFrames, height, width]);
    const count = options.frames === 'first' ? 1 : latentFrames;
    const state = chunkState(activation, savings, options.tap !== undefined);
    const frame = externalTensor('latent frame', [1, height, width, config.z_dim], activation);
    const kinds = chunkKinds(count);
    const chunks = kinds.map((first) =>
      externalTensor('frames', [3, first ? 1 : perLatent, 16 * height, 16 * width], 'f32'),
    );
    const enter = Array.from(
      { length: count },
      (_, i) =>
        record('latents', settings, (r) => r.copy('latents', latentsIn(r, latents, 'soft-clamp', i), frame)).program,
    );
    // The frames that no video has are made only where someone looks inside.
    const dropped = savings && !options.tap ? perLatent - 1 : 0;
    const main = kinds.map(
      (first, i) =>
        record('decode', settings, (r) => {
          const raw = decodeTinyChunk(r, state.chunk(r, first), config, coder.weights, frame, first ? dropped : 0);
          const wanted = first ? rowsOf(raw, raw.shape[0]! - 1, 1) : raw;
          framesOut(r, wanted, chunks[i]!, TINY_PATCHES);
        }).program,
    );
    const tensors = [frame, ...chunks, ...state.tensors()];
    await runPass(context, { enter, main, tensors }, count, options, {
      async after(chunk) {
        if (options.tap) await state.readTaps(context, chunk, options.tap);
        await options.onFrames?.(ofChunk(chunks, chunk), firstFrame(chunk), { x: 0, y: 0 });
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
