/** Looks at a video between its steps: by the tiny decoder where there is one, else roughly, by a projection. */
import type { ClipPreview } from '../core/clip_run';
import type { GpuContext } from '../gpu/context';
import { externalTensor, type Tensor, tensorBytes } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import { passBytes } from '../pipeline/chunk_run';
import { recorderOptions } from '../pipeline/options';
import { tinyModel, tinyPass } from '../pipeline/tiny_pass';
import { openTinyDecoder, type TinyDecoder } from '../pipeline/tiny_stage';
import type { WeightSource } from '../pipeline/weight_source';
import type { TinyConfig } from '../vae/tiny_weights';
import { framePixels } from './frame_pixels';
import { linearPreview } from './linear_preview';
import type { OpenedModel } from './model';
import { wholeFrames } from './whole_frames';

/** (channels, frames, height, width) */
type Shape = readonly [number, number, number, number];

export interface Previews {
  /** GPU memory that they take, at most. */
  readonly gpuBytes: number;
  /** Of an x0 prediction after this step. */
  show(x0: Float32Array, step: number, signal?: AbortSignal): Promise<ClipPreview>;
  destroy(): void;
}

/** What a page can take and paint between two steps. Longer videos show their beginning. */
const MOST_PIXEL_BYTES = 64 * 2 ** 20;

/** Null where the model has neither. Weights are read at the first preview. */
export function openPreviews(
  context: GpuContext,
  source: WeightSource,
  { tiny, linear }: Pick<OpenedModel, 'tiny' | 'linear'>,
  shape: Shape,
  activation: 'f32' | 'f16',
): Previews | null {
  if (tiny) return tinyPreviews(context, source, tiny, shape, activation);
  if (!linear) return null;
  return { gpuBytes: 0, show: async (x0, step) => linearPreview(linear, x0, shape, step), destroy() {} };
}

function tinyPreviews(
  context: GpuContext,
  source: WeightSource,
  config: TinyConfig,
  [channels, latentFrames, high, wide]: Shape,
  activation: 'f32' | 'f16',
): Previews {
  const { memory } = context;
  const [width, height] = [16 * wide, 16 * high];
  const most = Math.floor(MOST_PIXEL_BYTES / (4 * width * height)); // frames
  const count = Math.min(latentFrames, Math.max(1, Math.floor((most - 1) / 4) + 1));
  const frames = 4 * (count - 1) + 1;
  const latents: Tensor = externalTensor('preview latents', [channels, count, high, wide], 'f32');
  const model = tinyModel(source, config, recorderOptions(context, activation), true);
  const { bytes, loadingBytes } = model.coder;
  let decoder: TinyDecoder | null = null;
  return {
    gpuBytes: Math.max(loadingBytes, bytes + tensorBytes(latents) + passBytes(tinyPass(model, latents, count))),

    async show(x0, step, signal) {
      decoder ??= await openTinyDecoder(context, source, config, { activation, savings: true, signal });
      const pixels = new Uint8ClampedArray(4 * width * height * frames);
      let next = 0;
      const whole = wholeFrames({ width, height, frames }, async (frame) => pixels.set(frame, frame.length * next++));
      await memory.allocate([latents]);
      try {
        writeNumbers(memory, latents, beginning(x0, channels, latentFrames, count));
        await decoder.decode(latents, {
          signal,
          async onFrames(tensor, firstFrame, corner) {
            const [, frameCount = 0] = tensor.shape;
            const values = await readNumbers(memory, tensor, signal);
            await whole.add(framePixels({ values, firstFrame, frameCount, ...corner, width, height }));
          },
        });
      } finally {
        memory.free([latents]);
      }
      whole.end();
      return { step, width, height, frameCount: frames, rough: false, pixels };
    },

    destroy() {
      decoder?.destroy();
      decoder = null;
    },
  };
}

/** The first `count` of the frames of each channel. */
function beginning(x0: Float32Array, channels: number, frames: number, count: number): Float32Array {
  if (count === frames) return x0;
  const ofChannel = x0.length / channels;
  const kept = (ofChannel / frames) * count;
  const values = new Float32Array(channels * kept);
  for (let c = 0; c < channels; c++) values.set(x0.subarray(c * ofChannel, c * ofChannel + kept), c * kept);
  return values;
}
