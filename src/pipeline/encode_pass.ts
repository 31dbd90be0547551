/** The video encoder as it is run, frames in and latents out; recorded without a GPU, for plans too. */
import { record } from '../gpu/program';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { framesIn } from '../kernels/frames_in';
import { latentsOut } from '../kernels/latents_out';
import { encodeChunk } from '../vae/encoder';
import { chunkKinds, chunkState, firstFrame, momentsTensor, ofChunk } from './chunk_run';
import type { DecodeModel, LatentsPass } from './decode_passes';

/** frames (3, 4n + 1, height, width) f32 → latents (z, n + 1, height/16, width/16) f32. */
export function encodePass(
  { config, coder, settings, savings }: DecodeModel,
  frames: Tensor,
  latents: Tensor,
  tapped = false,
): LatentsPass {
  const [, count = 0, height = 0, width = 0] = latents.shape;
  const state = chunkState(settings.activation, savings, tapped);
  const chunks = chunkKinds(count).map((first) =>
    externalTensor('chunk', [first ? 1 : 4, 8 * height, 8 * width, 12], settings.activation),
  );
  const result = externalTensor('encoded', [1, height, width, 2 * config.z_dim], settings.activation);
  const moments = momentsTensor(config.z_dim);

  const enter = Array.from(
    { length: count },
    (_, i) =>
      record('frames', settings, (r) =>
        r.copy('chunk', framesIn(r, frames, firstFrame(i), i === 0 ? 1 : 4), ofChunk(chunks, i)),
      ).program,
  );
  const main = chunkKinds(count).map(
    (first, i) =>
      record('encode', settings, (r) =>
        r.copy('encoded', encodeChunk(r, state.chunk(r, first), config, coder.weights, chunks[i]!), result),
      ).program,
  );
  const leave = Array.from(
    { length: count },
    (_, i) => record('latents', settings, (r) => latentsOut(r, result, moments, latents, i)).program,
  );
  return { enter, main, leave, moments, state, tensors: [...chunks, result, moments, ...state.tensors()] };
}
