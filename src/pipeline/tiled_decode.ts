/**
 * Decoding in tiles: first what sees the whole frame, for all latent frames, then every tile through all of them.
 * In between the features wait, on the GPU or in this process's memory.
 */
import type { GpuContext } from '../gpu/context';
import type { Memory } from '../gpu/memory';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { copyTensor, readBytes, writeBytes } from '../gpu/transfer';
import { decoderStages, type LatentMoments } from '../vae/config';
import { type Size, tilesOf } from '../vae/tiling';
import { firstFrame, ofChunk, runPass, writeMoments } from './chunk_run';
import { type DecodeModel, featuresTensor, middlePass, tilePass } from './decode_passes';
import { type DecodePlan, LATENT_PIXELS, latentSize } from './decode_plan';
import type { DecodeOptions } from './video_stage';

/** latents (z, frames, h, w) f32, in GPU memory like the decoder's weights. Taps are called before the tiles alone. */
export async function decodeInTiles(
  context: GpuContext,
  model: DecodeModel,
  moments: LatentMoments,
  latents: Tensor,
  tilePixels: Size,
  { windowBytes, wait }: Pick<DecodePlan, 'windowBytes' | 'wait'>,
  options: DecodeOptions,
): Promise<void> {
  const { memory } = context;
  const { tap, onBlock, onFrames } = options;
  const [, count = 0, height = 0, width = 0] = latents.shape;
  const frame = { height, width };
  const tiles = tilesOf(decoderStages(model.config), frame, latentSize(tilePixels));
  const features = featuresTensor(model, frame);
  const waiting =
    wait === 'gpu' ? waitingOnGpu(memory, features, count) : waitingOnHost(memory, features, options.signal);
  const own = [features, ...waiting.tensors];
  /** Of the chunks of one pass, after those of so many passes. */
  const progress = (passes: number) => ({
    ...options,
    onBlock: (done: number) => onBlock?.(passes * count + done, (1 + tiles.length) * count),
  });

  await memory.allocate(own);
  try {
    const middle = middlePass(model, latents, features, tap !== undefined);
    await runPass(context, middle, count, progress(0), {
      begin: () => writeMoments(memory, middle.moments, moments),
      async after(chunk) {
        if (tap) await middle.state.readTaps(context, chunk, tap);
      },
      read: (chunk) => waiting.put(chunk),
    });
    for (const [i, tile] of tiles.entries()) {
      const pass = tilePass(model, features, tile, count, windowBytes);
      const corner = { x: LATENT_PIXELS * tile.kept.x, y: LATENT_PIXELS * tile.kept.y };
      await runPass(context, pass, count, progress(1 + i), {
        before: (chunk) => waiting.take(chunk),
        read: (chunk) => onFrames?.(ofChunk(pass.frames, chunk), firstFrame(chunk), corner),
      });
    }
  } finally {
    memory.free(own);
  }
}

/** Features of every frame, out of the one tensor that programs write and read, and back into it. */
interface Waiting {
  readonly tensors: readonly Tensor[];
  /** Its copy is submitted when it first waits. */
  put(frame: number): void | Promise<void>;
  take(frame: number): void;
}

function waitingOnGpu(memory: Memory, features: Tensor, count: number): Waiting {
  const tensors = Array.from({ length: count }, (_, i) =>
    externalTensor(`features of frame ${i}`, features.shape, features.type),
  );
  return {
    tensors,
    put: (frame) => copyTensor(memory, features, tensors[frame]!),
    take: (frame) => copyTensor(memory, tensors[frame]!, features),
  };
}

function waitingOnHost(memory: Memory, features: Tensor, signal: AbortSignal | undefined): Waiting {
  const bytes: Uint8Array<ArrayBuffer>[] = [];
  return {
    tensors: [],
    async put(frame) {
      bytes[frame] = await readBytes(memory, features, signal);
    },
    take: (frame) => writeBytes(memory, features, bytes[frame]!),
  };
}
