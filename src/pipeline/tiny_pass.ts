/** The tiny decoder as it is run, latents in and frames out; recorded without a GPU, for plans too. */
import { AppError } from '../core/errors';
import { mebibytes } from '../core/units';
import { type RecorderOptions, record } from '../gpu/program';
import { externalTensor, rowsOf, type Tensor } from '../gpu/tensor';
import type { Storing } from '../gpu/weight_tree';
import { framesOut, TINY_PATCHES } from '../kernels/frames_out';
import { expectShape } from '../kernels/kernel';
import { latentsIn } from '../kernels/latents_in';
import { decodeTinyChunk, tinyFrames } from '../vae/tiny_decoder';
import { type TinyConfig, type TinyWeights, tinyWeights } from '../vae/tiny_weights';
import { chunkKinds, chunkState, passBytes } from './chunk_run';
import { type PlantedCoder, plantCoder } from './coder_weights';
import type { FramesPass } from './decode_passes';
import type { DecodeLimits } from './decode_plan';

export interface TinyModel {
  readonly config: TinyConfig;
  readonly coder: PlantedCoder<TinyWeights>;
  readonly settings: RecorderOptions;
  readonly savings: boolean;
}

export function tinyModel(
  storing: Storing,
  config: TinyConfig,
  settings: RecorderOptions,
  savings: boolean,
): TinyModel {
  const coder = plantCoder(storing, (ask, kernel) => tinyWeights(ask, kernel, config, savings));
  return { config, coder, settings, savings };
}

/**
 * latents (z, frames, h, w) f32, normalised; the first `count` of their frames. The last convolutions see a frame at a
 * time, which halves the memory; then no buffer of the largest clip reaches the 128 MiB that every GPU binds.
 */
export function tinyPass(
  { config, coder, settings, savings }: TinyModel,
  latents: Tensor,
  count: number,
  tapped = false,
): FramesPass {
  const { activation } = settings;
  const perLatent = tinyFrames(config);
  const [, latentFrames = 0, height = 0, width = 0] = latents.shape;
  expectShape('The tiny decoder', latents, [config.z_dim, latentFrames, height, width]);
  const state = chunkState(activation, savings, tapped);
  const frame = externalTensor('latent frame', [1, height, width, config.z_dim], activation);
  const kinds = chunkKinds(count);
  const frames = kinds.map((first) =>
    externalTensor('frames', [3, first ? 1 : perLatent, 16 * height, 16 * width], 'f32'),
  );
  const enter = Array.from(
    { length: count },
    (_, i) =>
      record('latents', settings, (r) => r.copy('latents', latentsIn(r, latents, 'soft-clamp', i), frame)).program,
  );
  // The frames that no video has are made only where someone looks inside.
  const dropped = savings && !tapped ? perLatent - 1 : 0;
  const main = kinds.map(
    (first, i) =>
      record('decode', settings, (r) => {
        const chunk = { ...state.chunk(r, first), windowBytes: 0 };
        const raw = decodeTinyChunk(r, chunk, config, coder.weights, frame, first ? dropped : 0);
        const wanted = first ? rowsOf(raw, raw.shape[0]! - 1, 1) : raw;
        framesOut(r, wanted, frames[i]!, TINY_PATCHES);
      }).program,
  );
  return { enter, main, frames, state, tensors: [frame, ...frames, ...state.tensors()] };
}

/** GPU memory at most, with the weights and what is there already. Throws out-of-memory with both numbers. */
export function tinyPeakBytes(
  { coder }: TinyModel,
  pass: FramesPass,
  { besidesBytes = 0, memoryBytes = Number.POSITIVE_INFINITY }: Pick<DecodeLimits, 'besidesBytes' | 'memoryBytes'>,
): number {
  const peakBytes = besidesBytes + Math.max(coder.loadingBytes, coder.bytes + passBytes(pass));
  if (peakBytes > memoryBytes)
    throw new AppError(
      'out-of-memory',
      `Decoding with the tiny decoder takes ${mebibytes(peakBytes)} of GPU memory with its weights and what is there; ${mebibytes(memoryBytes)} are allowed. Allow more memory, or choose a smaller size.`,
    );
  return peakBytes;
}
