/**
 * The stages that see video, from numbers to numbers as the golden files have
 * them: the VAE's two halves, and the whole way from tokens to frames.
 */
import * as v from 'valibot';
import type { GpuContext } from '../gpu/context';
import type { Memory } from '../gpu/memory';
import { elements, externalTensor, type Tensor } from '../gpu/tensor';
import { copyPart, readNumbers, writeNumbers } from '../gpu/transfer';
import { createSchedule } from '../sampling/schedule';
import { createSolver } from '../sampling/solver';
import { PATCH_CHANNELS } from '../vae/config';
import { createDenoiser } from './denoiser';
import type { ComputeOptions } from './options';
import { read, readDitConfig, readMoments, readTextConfig, readTinyConfig, readVaeConfig } from './read_config';
import { sample } from './sample_stage';
import { input, type StageInputs, type StageOutputs } from './stages';
import { encodePrompts } from './text_stage';
import { decodeTiny } from './tiny_stage';
import { type DecodeOptions, decodeLatents, encodeFrames } from './video_stage';
import type { WeightSource } from './weight_source';

/** in.latents (z, F, h, w) → out.frames (3, 4(F − 1) + 1, 16h, 16w) */
export async function runVaeDecode(
  context: GpuContext,
  source: WeightSource,
  config: unknown,
  inputs: StageInputs,
  options: ComputeOptions,
  file: string,
): Promise<StageOutputs> {
  return withLatents(context, inputs, async (latents) => {
    return new Map([['out.frames', await decodedFrames(context, source, config, latents, options, file)]]);
  });
}

/** in.latents (z, F, h, w) → out.raw (12, 4F, 8h, 8w), out.frames (3, 4F − 3, 16h, 16w) in [0, 1] */
export async function runTinyDecode(
  context: GpuContext,
  source: WeightSource,
  config: unknown,
  inputs: StageInputs,
  options: ComputeOptions,
  file: string,
): Promise<StageOutputs> {
  return withLatents(context, inputs, async (latents) => {
    const [, count = 0, height = 0, width = 0] = latents.shape;
    const whole = [PATCH_CHANNELS, 4 * count, 8 * height, 8 * width] as const;
    const raw = new Float32Array(elements(whole));
    let first = 0;
    const tap = (_: string, values: Float32Array) => {
      place(values, [PATCH_CHANNELS, 4, 8 * height, 8 * width], raw, whole, { first, x: 0, y: 0 });
      first += 4;
    };
    const frames = await collectFrames(context.memory, latents, (onFrames) =>
      decodeTiny(context, source, readTinyConfig(config, file), latents, { ...options, tap, onFrames }),
    );
    return new Map([
      ['out.raw', raw],
      ['out.frames', frames.map((value) => (value + 1) / 2)],
    ]);
  });
}

async function withLatents(
  { memory }: GpuContext,
  inputs: StageInputs,
  run: (latents: Tensor) => Promise<StageOutputs>,
): Promise<StageOutputs> {
  const { shape, values } = input(inputs, 'in.latents');
  const latents = externalTensor('latents', shape, 'f32');
  await memory.allocate([latents]);
  try {
    writeNumbers(memory, latents, values);
    return await run(latents);
  } finally {
    memory.free([latents]);
  }
}

/** in.frames (3, T, H, W) → out.latents */
export async function runVaeEncode(
  context: GpuContext,
  source: WeightSource,
  config: unknown,
  inputs: StageInputs,
  options: ComputeOptions,
  file: string,
): Promise<StageOutputs> {
  const { shape, values } = input(inputs, 'in.frames');
  return new Map([['out.latents', await encodedLatents(context, source, config, shape, values, options, file)]]);
}

const settings = v.object({
  t5: v.unknown(),
  dit: v.unknown(),
  vae: v.unknown(),
  steps: v.pipe(v.number(), v.integer(), v.minValue(1)),
  shift: v.number(),
  guidance: v.number(),
  solver: v.picklist(['unipc', 'dpm++', 'euler']),
  mode: v.picklist(['t2v', 'i2v']),
});

/** in.ids, in.negative_ids, in.noise, for image-to-video in.image (3, H, W) → out.frames */
export async function runPipeline(
  context: GpuContext,
  source: WeightSource,
  config: unknown,
  inputs: StageInputs,
  options: ComputeOptions,
  file: string,
): Promise<StageOutputs> {
  const { memory } = context;
  const { t5, dit, vae, steps, shift, guidance, solver, mode } = read(settings, config, file);
  const vaeSettings = { ...(config as object), ...(vae as object) };
  const tap = options.tap ?? (() => {});
  const quiet: ComputeOptions = { ...options, tap: undefined };
  const noise = input(inputs, 'in.noise');
  const [channels = 0, frames = 0, height = 0, width = 0] = noise.shape;

  const prompts = ['in.ids', 'in.negative_ids'].map((name) => Array.from(input(inputs, name).values));
  const embeddings = await encodePrompts(context, source, readTextConfig(t5, file), prompts, quiet);
  const own: Tensor[] = [...embeddings];
  try {
    if (options.tap)
      for (const [i, name] of ['context', 'negative_context'].entries())
        tap(name, await readNumbers(memory, embeddings[i]!));

    let first: Tensor | null = null;
    if (mode === 'i2v') {
      const { shape, values } = input(inputs, 'in.image');
      const pixels = await encodedLatents(context, source, vaeSettings, [3, 1, ...shape.slice(1)], values, quiet, file);
      tap('image_latents', pixels);
      first = externalTensor('first frame', [channels, 1, height, width], 'f32');
      own.push(first);
      await memory.allocate([first]);
      writeNumbers(memory, first, pixels);
    }

    const grid = { frames, height: height / 2, width: width / 2 };
    const shape = {
      grid,
      promptTokens: prompts.map(({ length }) => length),
      fixedTokens: first ? grid.height * grid.width : 0,
      steps,
    };
    const denoiser = await createDenoiser(context, source, readDitConfig(dit, file), shape, quiet);
    try {
      await denoiser.setPrompts(embeddings);
      const after: Float32Array[] = [];
      const area = height * width;
      const latents = await sample(
        context,
        denoiser,
        createSolver(solver, createSchedule(solver, steps, shift), guidance),
        noise.values,
        {
          signal: options.signal,
          keepFixed: () => {
            if (first)
              for (let c = 0; c < channels; c++)
                copyPart(memory, first, c * area, denoiser.latents, c * frames * area, area);
          },
          onStep: async () => {
            if (options.tap) after.push(await readNumbers(memory, denoiser.latents));
          },
        },
      );
      if (options.tap) {
        tap('latents', Float32Array.from(after.flatMap((values) => Array.from(values))));
        tap('latents_last', after.at(-1)!);
      }
      return new Map([['out.frames', await decodedFrames(context, source, vaeSettings, latents, quiet, file)]]);
    } finally {
      denoiser.destroy();
    }
  } finally {
    memory.free(own);
  }
}

/** All frames of a short clip as (3, T, H, W) numbers. */
async function decodedFrames(
  context: GpuContext,
  source: WeightSource,
  config: unknown,
  latents: Tensor,
  options: ComputeOptions,
  file: string,
): Promise<Float32Array> {
  return collectFrames(context.memory, latents, (onFrames) =>
    decodeLatents(context, source, readVaeConfig(config, file), readMoments(config, file), latents, {
      ...options,
      onFrames,
    }),
  );
}

async function collectFrames(
  memory: Memory,
  latents: Tensor,
  decode: (onFrames: NonNullable<DecodeOptions['onFrames']>) => Promise<void>,
): Promise<Float32Array> {
  const [, count = 0, height = 0, width = 0] = latents.shape;
  const whole = [3, 4 * (count - 1) + 1, 16 * height, 16 * width] as const;
  const video = new Float32Array(elements(whole));
  await decode(async (frames, first, { x, y }) => {
    place(await readNumbers(memory, frames), frames.shape, video, whole, { first, x, y });
  });
  return video;
}

/** A rectangle of some frames, (channels, frames, height, width), to its place in all of them. */
function place(
  part: Float32Array,
  [channels = 0, frames = 0, rows = 0, columns = 0]: readonly number[],
  video: Float32Array,
  [, all, height, width]: readonly [number, number, number, number],
  { first, x, y }: { readonly first: number; readonly x: number; readonly y: number },
): void {
  for (let c = 0; c < channels; c++)
    for (let t = 0; t < frames; t++)
      for (let row = 0; row < rows; row++) {
        const from = ((c * frames + t) * rows + row) * columns;
        video.set(part.subarray(from, from + columns), ((c * all + first + t) * height + y + row) * width + x);
      }
}

async function encodedLatents(
  context: GpuContext,
  source: WeightSource,
  config: unknown,
  shape: readonly number[],
  values: ArrayLike<number>,
  options: ComputeOptions,
  file: string,
): Promise<Float32Array> {
  const { memory } = context;
  const [, count = 0, height = 0, width = 0] = shape;
  const vae = readVaeConfig(config, file);
  const frames = externalTensor('frames', shape, 'f32');
  const latents = externalTensor('latents', [vae.z_dim, (count - 1) / 4 + 1, height / 16, width / 16], 'f32');
  await memory.allocate([frames, latents]);
  try {
    writeNumbers(memory, frames, values);
    await encodeFrames(context, source, vae, readMoments(config, file), frames, latents, options);
    return await readNumbers(memory, latents);
  } finally {
    memory.free([frames, latents]);
  }
}
