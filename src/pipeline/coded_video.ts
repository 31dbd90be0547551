/** The video coder from numbers to numbers: pixels → latents, and latents → pixels as they are made. */
import type { FramePlace } from '../core/clip_run';
import { expectFinite } from '../core/deviation';
import type { GpuContext } from '../gpu/context';
import { externalTensor } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import type { LatentMoments, VaeConfig } from '../vae/config';
import type { TinyConfig } from '../vae/tiny_weights';
import type { ComputeOptions } from './options';
import { decodeTiny } from './tiny_stage';
import { type DecodeOptions, decodeLatents, encodeFrames } from './video_stage';
import type { WeightSource } from './weight_source';

export interface VideoCoder {
  readonly vae: VaeConfig;
  readonly moments: LatentMoments;
}

/** (3, count, height, width) in [−1, 1]. */
export interface DecodedFrames extends FramePlace {
  readonly values: Float32Array;
}

export interface DecodeVideoOptions extends ComputeOptions {
  readonly onFrames: (frames: DecodedFrames) => void | Promise<void>;
}

/** `pixels` of this shape, (3, 4n + 1, height, width) in [−1, 1] → (z, n + 1, height/16, width/16), normalised. Throws not-finite. */
export async function encodeVideo(
  context: GpuContext,
  source: WeightSource,
  { vae, moments }: VideoCoder,
  shape: readonly number[],
  pixels: ArrayLike<number>,
  options: ComputeOptions,
): Promise<Float32Array> {
  const { memory } = context;
  const [, count = 0, height = 0, width = 0] = shape;
  const frames = externalTensor('frames', shape, 'f32');
  const latents = externalTensor('latents', [vae.z_dim, (count - 1) / 4 + 1, height / 16, width / 16], 'f32');
  await memory.allocate([frames, latents]);
  try {
    writeNumbers(memory, frames, pixels);
    await encodeFrames(context, source, vae, moments, frames, latents, options);
    const values = await readNumbers(memory, latents, options.signal);
    expectFinite('The latents of the first frame', values);
    return values;
  } finally {
    memory.free([frames, latents]);
  }
}

export type VideoDecoder = VideoCoder | { readonly tiny: TinyConfig };

/** `values` of this shape, (z, n + 1, height, width), normalised → 4n + 1 frames, by `onFrames`. */
export async function decodeVideo(
  context: GpuContext,
  source: WeightSource,
  decoder: VideoDecoder,
  shape: readonly number[],
  values: ArrayLike<number>,
  { onFrames, ...options }: DecodeVideoOptions,
): Promise<void> {
  const { memory } = context;
  const latents = externalTensor('latents', shape, 'f32');
  await memory.allocate([latents]);
  try {
    writeNumbers(memory, latents, values);
    const decoding: DecodeOptions = {
      ...options,
      async onFrames(frames, firstFrame, corner) {
        const [, frameCount = 0, height = 0, width = 0] = frames.shape;
        const pixels = await readNumbers(memory, frames, options.signal);
        await onFrames({ values: pixels, firstFrame, frameCount, ...corner, width, height });
      },
    };
    if ('tiny' in decoder) await decodeTiny(context, source, decoder.tiny, latents, decoding);
    else await decodeLatents(context, source, decoder.vae, decoder.moments, latents, decoding);
  } finally {
    memory.free([latents]);
  }
}
