/** Latents → frames of video, and frames → latents, chunk by chunk: only one chunk is ever whole in memory. */
import { bindTogether, type GpuContext } from '../gpu/context';
import { type Program, type Recorder, record } from '../gpu/program';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import { framesIn } from '../kernels/frames_in';
import { framesOut } from '../kernels/frames_out';
import { latentsIn } from '../kernels/latents_in';
import { latentsOut } from '../kernels/latents_out';
import type { Chunk } from '../vae/blocks';
import type { LatentMoments, VaeConfig } from '../vae/config';
import { decodeChunk } from '../vae/decoder';
import { encodeChunk } from '../vae/encoder';
import { decoderWeights, encoderWeights } from '../vae/weights';
import { loadCoder } from './coder_weights';
import { type ComputeOptions, recorderOptions } from './options';
import type { WeightSource } from './weight_source';

export interface DecodeOptions extends ComputeOptions {
  /** A chunk is done: (3, 1 or 4, height, width) f32 in [−1, 1], beginning with this frame. Valid until it returns. */
  readonly onFrames?: (frames: Tensor, first: number) => void | Promise<void>;
}

/** Frames of chunk i: one, then four each. */
const firstFrame = (chunk: number) => (chunk === 0 ? 0 : 4 * chunk - 3);

/** latents (z, frames, h, w) f32, normalised, in GPU memory. */
export async function decodeLatents(
  context: GpuContext,
  source: WeightSource,
  config: VaeConfig,
  moments: LatentMoments,
  latents: Tensor,
  options: DecodeOptions,
): Promise<void> {
  const { memory } = context;
  const [, count = 0, height = 0, width = 0] = latents.shape;
  const settings = recorderOptions(context, options.activation);
  const coder = await loadCoder(
    context,
    source,
    (ask, kernel) => decoderWeights(ask, kernel, config, options.savings),
    options,
  );
  const state = chunkState(settings.activation, options.savings, options.tap !== undefined);
  const frame = externalTensor('latent frame', [1, height, width, config.z_dim], settings.activation);
  const chunks = [1, 4].map((frames) => externalTensor('frames', [3, frames, 16 * height, 16 * width], 'f32'));
  const statistics = momentsTensor(moments);

  const enter = Array.from(
    { length: count },
    (_, i) =>
      record('latents', settings, (r) => r.copy('latents', latentsIn(r, latents, statistics, i), frame)).program,
  );
  const decode = [true, false].map(
    (first) =>
      record('decode', settings, (r) =>
        framesOut(r, decodeChunk(r, state.chunk(r, first), config, coder.weights, frame), chunks[first ? 0 : 1]!),
      ).program,
  );
  const own = [frame, ...chunks, statistics];
  try {
    await runChunks(context, [...own, ...state.tensors()], [...enter, ...decode], count, options, {
      before: () => writeMoments(memory, statistics, moments),
      programs: (i) => [i, count + (i === 0 ? 0 : 1)],
      after: async (i) => {
        if (options.tap) await state.readTaps(context, i, options.tap);
        await options.onFrames?.(chunks[i === 0 ? 0 : 1]!, firstFrame(i));
      },
    });
  } finally {
    coder.destroy();
  }
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
  const { memory } = context;
  const count = latents.shape[1]!;
  const [, , height = 0, width = 0] = frames.shape;
  const settings = recorderOptions(context, options.activation);
  const coder = await loadCoder(context, source, (ask, kernel) => encoderWeights(ask, kernel, config), options);
  const state = chunkState(settings.activation, options.savings, options.tap !== undefined);
  const chunks = [1, 4].map((size) => externalTensor('chunk', [size, height / 2, width / 2, 12], settings.activation));
  const result = externalTensor('encoded', [1, height / 16, width / 16, 2 * config.z_dim], settings.activation);
  const statistics = momentsTensor(moments);

  const enter = Array.from(
    { length: count },
    (_, i) =>
      record('frames', settings, (r) =>
        r.copy('chunk', framesIn(r, frames, firstFrame(i), i === 0 ? 1 : 4), chunks[i === 0 ? 0 : 1]!),
      ).program,
  );
  const encode = [true, false].map(
    (first) =>
      record('encode', settings, (r) =>
        r.copy('encoded', encodeChunk(r, state.chunk(r, first), config, coder.weights, chunks[first ? 0 : 1]!), result),
      ).program,
  );
  const leave = Array.from(
    { length: count },
    (_, i) => record('latents', settings, (r) => latentsOut(r, result, statistics, latents, i)).program,
  );
  try {
    await runChunks(
      context,
      [...chunks, result, statistics, ...state.tensors()],
      [...enter, ...encode, ...leave],
      count,
      options,
      {
        before: () => writeMoments(memory, statistics, moments),
        programs: (i) => [i, count + (i === 0 ? 0 : 1), count + 2 + i],
        after: async (i) => {
          if (options.tap) await state.readTaps(context, i, options.tap);
        },
      },
    );
  } finally {
    coder.destroy();
  }
}

export interface ChunkRun {
  before(): void;
  /** Indices of the programs of chunk i. */
  programs(chunk: number): readonly number[];
  after(chunk: number): Promise<void>;
}

export async function runChunks(
  context: GpuContext,
  own: readonly Tensor[],
  programs: readonly Program[],
  count: number,
  { signal, onRun, onBlock }: Pick<ComputeOptions, 'signal' | 'onRun' | 'onBlock'>,
  run: ChunkRun,
): Promise<void> {
  await context.memory.allocate(own); // new memory is zero, as the past of the first chunk must be
  try {
    const bound = await bindTogether(context, programs);
    try {
      run.before();
      for (let chunk = 0; chunk < count; chunk++) {
        const time = await context.runner.run(
          run.programs(chunk).map((index) => bound.programs[index]!),
          { signal },
        );
        onRun?.(time);
        await run.after(chunk);
        onBlock?.(chunk + 1, count);
      }
    } finally {
      bound.destroy();
    }
  } finally {
    context.memory.free(own);
  }
}

const momentsTensor = ({ mean }: LatentMoments) => externalTensor('latent moments', [2, mean.length], 'f32');

function writeMoments(memory: GpuContext['memory'], tensor: Tensor, { mean, deviation }: LatentMoments): void {
  writeNumbers(memory, tensor, [...mean, ...deviation]);
}

/** What passes from chunk to chunk: the pasts of the convolutions, by name; and taps, if asked for. */
export function chunkState(type: 'f32' | 'f16', savings: boolean, tapped: boolean) {
  const pasts = new Map<string, Tensor>();
  const taps = [new Map<string, Tensor>(), new Map<string, Tensor>()];
  return {
    tensors: () => [...pasts.values(), ...taps.flatMap((map) => [...map.values()])],
    chunk: (r: Recorder, first: boolean): Chunk => ({
      first,
      savings,
      past: (name, shape) => {
        const past = pasts.get(name) ?? externalTensor(`${name} past`, shape, type);
        pasts.set(name, past);
        return past;
      },
      tap: (name, tensor) => {
        if (!tapped) return;
        const kept = externalTensor(name, tensor.shape, tensor.type);
        taps[first ? 0 : 1]!.set(name, kept);
        r.copy(`tap ${name}`, tensor, kept);
      },
    }),
    /** As the golden files have them: (channels, frames, height, width). */
    async readTaps({ memory }: GpuContext, chunk: number, tap: (name: string, values: Float32Array) => void) {
      for (const [name, tensor] of taps[chunk === 0 ? 0 : 1]!) {
        const values = await readNumbers(memory, tensor);
        const channels = tensor.shape.at(-1)!;
        const pixels = values.length / channels;
        tap(
          `${name}.chunk${chunk}`,
          Float32Array.from(values, (_, i) => values[(i % pixels) * channels + Math.floor(i / pixels)]!),
        );
      }
    },
  };
}
