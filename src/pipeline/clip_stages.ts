/**
 * The stages that see video, from numbers to numbers as the golden files have
 * them: the VAE's two halves, and the whole way from tokens to frames.
 */
import * as v from 'valibot';
import type { GpuContext } from '../gpu/context';
import { createSchedule } from '../sampling/schedule';
import { createSolver } from '../sampling/solver';
import { PATCH_CHANNELS } from '../vae/config';
import { makeClip } from './clip';
import { type DecodedFrames, decodeVideo, encodeVideo } from './coded_video';
import type { ComputeOptions } from './options';
import { read, readDitConfig, readMoments, readTextConfig, readTinyConfig, readVaeConfig } from './read_config';
import { input, type StageInputs, type StageOutputs } from './stages';
import type { WeightSource } from './weight_source';

const readCoder = (config: unknown, file: string) => ({
  vae: readVaeConfig(config, file),
  moments: readMoments(config, file),
});

/** in.latents (z, F, h, w) → out.frames (3, 4(F − 1) + 1, 16h, 16w) */
export async function runVaeDecode(
  context: GpuContext,
  source: WeightSource,
  config: unknown,
  inputs: StageInputs,
  options: ComputeOptions,
  file: string,
): Promise<StageOutputs> {
  const { shape, values } = input(inputs, 'in.latents');
  const video = wholeVideo(shape);
  await decodeVideo(context, source, readCoder(config, file), shape, values, { ...options, onFrames: video.add });
  return new Map([['out.frames', video.values]]);
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
  const { shape, values } = input(inputs, 'in.latents');
  const [, count = 0, height = 0, width = 0] = shape;
  const video = wholeVideo(shape);
  const chunkSize = 4 * 64 * height * width; // of a channel
  const raw = new Float32Array(PATCH_CHANNELS * count * chunkSize).fill(Number.NaN);
  let chunk = 0;
  const tap = (_: string, part: Float32Array) => {
    for (let c = 0; c < PATCH_CHANNELS; c++)
      raw.set(part.subarray(c * chunkSize, (c + 1) * chunkSize), (c * count + chunk) * chunkSize);
    chunk += 1;
  };
  const decoder = { tiny: readTinyConfig(config, file) };
  await decodeVideo(context, source, decoder, shape, values, { ...options, tap, onFrames: video.add });
  return new Map([
    ['out.raw', raw],
    ['out.frames', video.values.map((value) => (value + 1) / 2)],
  ]);
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
  const latents = await encodeVideo(context, source, readCoder(config, file), shape, values, options);
  return new Map([['out.latents', latents]]);
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

/** What a golden file of the stage 'pipeline' asks of `makeClip`. */
export function readClip(config: unknown, inputs: StageInputs, file: string) {
  const { t5, dit, vae, steps, shift, guidance, solver, mode } = read(settings, config, file);
  const noise = input(inputs, 'in.noise');
  const [channels = 0, frames = 0, height = 0, width = 0] = noise.shape;
  return {
    networks: {
      text: readTextConfig(t5, file),
      dit: readDitConfig(dit, file),
      ...readCoder({ ...(config as object), ...(vae as object) }, file),
    },
    request: {
      prompts: ['in.ids', 'in.negative_ids'].map((name) => Array.from(input(inputs, name).values)),
      shape: [channels, frames, height, width] as const,
      noise: Float32Array.from(noise.values),
      image: mode === 'i2v' ? Float32Array.from(input(inputs, 'in.image').values) : null,
      solver: createSolver(solver, createSchedule(solver, steps, shift), guidance),
    },
  };
}

/** in.ids, in.negative_ids, in.noise, for image-to-video in.image (3, H, W) → out.frames */
export async function runPipeline(
  context: GpuContext,
  source: WeightSource,
  config: unknown,
  inputs: StageInputs,
  { tap, ...options }: ComputeOptions,
  file: string,
): Promise<StageOutputs> {
  const { networks, request } = readClip(config, inputs, file);
  const video = wholeVideo(request.shape);
  const contexts = ['context', 'negative_context'];
  const after: Float32Array[] = [];
  await makeClip(context, source, networks, request, {
    ...options,
    onFrames: video.add,
    ...(tap && {
      embeddings: { get: async () => null, set: async (_, values) => tap(contexts.shift()!, values) },
      onState({ done, slots, fixed }) {
        if (done === 1 && fixed) tap('image_latents', fixed);
        after.push(slots.get('sample')!);
      },
    }),
  });
  if (tap) {
    tap('latents', Float32Array.from(after.flatMap((values) => Array.from(values))));
    tap('latents_last', after.at(-1)!);
  }
  return new Map([['out.frames', video.values]]);
}

/** All frames of a short clip as (3, T, H, W) numbers, from latents of this shape. */
export function wholeVideo([, count = 0, height = 0, width = 0]: readonly number[]) {
  const [frames, high, wide] = [4 * (count - 1) + 1, 16 * height, 16 * width];
  const values = new Float32Array(3 * frames * high * wide).fill(Number.NaN); // what never comes must not pass
  const add = ({ values: part, firstFrame, frameCount, x, y, width, height }: DecodedFrames) => {
    for (let c = 0; c < 3; c++)
      for (let f = 0; f < frameCount; f++)
        for (let row = 0; row < height; row++) {
          const from = ((c * frameCount + f) * height + row) * width;
          values.set(part.subarray(from, from + width), ((c * frames + firstFrame + f) * high + y + row) * wide + x);
        }
  };
  return { values, add };
}
