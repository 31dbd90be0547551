/**
 * The decoder as it is run: the whole frame at once, or the part that sees the whole frame and then tile by tile.
 * Recorded without a GPU, so that plans and estimates are made of the very programs.
 */
import { type Program, type RecorderOptions, record } from '../gpu/program';
import { externalTensor, type Tensor } from '../gpu/tensor';
import type { Storing } from '../gpu/weight_tree';
import { framesOut } from '../kernels/frames_out';
import { latentsIn } from '../kernels/latents_in';
import { decoderStages, type VaeConfig } from '../vae/config';
import { decodeChunk, decodeMiddle, decodeTile, WINDOW_BYTES } from '../vae/decoder';
import type { Size, Tile } from '../vae/tiling';
import { decoderWeights } from '../vae/weights';
import { type ChunkPass, type ChunkState, chunkKinds, chunkState, momentsTensor } from './chunk_run';
import { type PlantedCoder, plantCoder } from './coder_weights';

export interface DecodeModel {
  readonly config: VaeConfig;
  readonly coder: PlantedCoder;
  readonly settings: RecorderOptions;
  readonly savings: boolean;
}

export interface DecodePass extends ChunkPass {
  readonly state: ChunkState;
}

/** Makes frames: (3, 1 or 4, height, width), of the first chunk and of all others. */
export interface FramesPass extends DecodePass {
  readonly frames: readonly Tensor[];
}

/** Takes latents, and the tensor that their moments have to be written to. */
export interface LatentsPass extends DecodePass {
  readonly moments: Tensor;
}

export function decodeModel(
  storing: Storing,
  config: VaeConfig,
  settings: RecorderOptions,
  savings: boolean,
): DecodeModel {
  const coder = plantCoder(storing, (ask, kernel) => decoderWeights(ask, kernel, config, savings));
  return { config, coder, settings, savings };
}

/** latents (z, frames, h, w), all at once. `windowBytes` as in `Chunk`. */
export function wholePass(
  model: DecodeModel,
  latents: Tensor,
  windowBytes = WINDOW_BYTES,
  tapped = false,
): FramesPass & LatentsPass {
  const { config, coder, settings } = model;
  const [, count = 0, height = 0, width = 0] = latents.shape;
  const state = stateOf(model, tapped);
  const { enter, frame, moments } = entrance(model, latents);
  const frames = framesTensors({ height, width }, count);
  const main = chunkKinds(count).map(
    (first, i) =>
      record('decode', settings, (r) => {
        const chunk = { ...state.chunk(r, first), windowBytes };
        framesOut(r, decodeChunk(r, chunk, config, coder.weights, frame), frames[i]!);
      }).program,
  );
  return { enter, main, frames, moments, state, tensors: [frame, moments, ...frames, ...state.tensors()] };
}

/** latents (z, frames, h, w) → `features`, a latent frame at a time. */
export function middlePass(model: DecodeModel, latents: Tensor, features: Tensor, tapped = false): LatentsPass {
  const { coder, settings } = model;
  const state = stateOf(model, tapped);
  const { enter, frame, moments } = entrance(model, latents);
  const main = chunkKinds(latents.shape[1]!).map(
    (first) =>
      record('decode middle', settings, (r) =>
        r.copy('features', decodeMiddle(r, state.chunk(r, first), coder.weights, frame), features),
      ).program,
  );
  return { enter, main, moments, state, tensors: [frame, moments, ...state.tensors()] };
}

/** `features` of one latent frame after another, `count` in all → the frames of a tile. */
export function tilePass(
  model: DecodeModel,
  features: Tensor,
  tile: Tile,
  count: number,
  windowBytes = WINDOW_BYTES,
): FramesPass {
  const { config, coder, settings } = model;
  const state = stateOf(model, false);
  const frames = framesTensors(tile.kept, count);
  const main = chunkKinds(count).map(
    (first, i) =>
      record('decode tile', settings, (r) => {
        const chunk = { ...state.chunk(r, first), windowBytes };
        framesOut(r, decodeTile(r, chunk, config, coder.weights, features, tile), frames[i]!);
      }).program,
  );
  return { main, frames, state, tensors: [...frames, ...state.tensors()] };
}

/** What `middlePass` makes of one frame of latents, and tiles are made of. */
export function featuresTensor({ config, settings }: DecodeModel, { height, width }: Size): Tensor {
  return externalTensor('features', [1, height, width, decoderStages(config)[0]!.from], settings.activation);
}

const stateOf = ({ settings, savings }: DecodeModel, tapped: boolean) =>
  chunkState(settings.activation, savings, tapped);

/** From the sampler's latents to those of one frame, a program for each. */
function entrance({ settings }: DecodeModel, latents: Tensor): { enter: Program[]; frame: Tensor; moments: Tensor } {
  const [channels = 0, count = 0, height = 0, width = 0] = latents.shape;
  const frame = externalTensor('latent frame', [1, height, width, channels], settings.activation);
  const moments = momentsTensor(channels);
  const enter = Array.from(
    { length: count },
    (_, i) => record('latents', settings, (r) => r.copy('latents', latentsIn(r, latents, moments, i), frame)).program,
  );
  return { enter, frame, moments };
}

function framesTensors({ height, width }: Size, count: number): Tensor[] {
  return chunkKinds(count).map((first) => externalTensor('frames', [3, first ? 1 : 4, 16 * height, 16 * width], 'f32'));
}
