/**
 * From token ids and noise to frames: text encoder, first frame, sampling,
 * decoding, each with its networks' weights brought and given back in turn.
 */
import { expectFinite } from '../core/deviation';
import { AppError } from '../core/errors';
import type { DitConfig } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import type { RunTime } from '../gpu/run';
import { elements } from '../gpu/tensor';
import { readNumbers } from '../gpu/transfer';
import { throwIfOver, untilLost } from '../gpu/waiting';
import type { Solver } from '../sampling/solver';
import type { TextConfig } from '../text/config';
import { type DecodedFrames, decodeVideo, encodeVideo, type VideoCoder, type VideoDecoder } from './coded_video';
import { denoise, type StepTime } from './denoise_stage';
import type { ComputeOptions } from './options';
import { checkState, type SamplingState, solverBytes, startOf } from './sampling_state';
import { type StageTime, timeStage } from './stage_time';
import { encodePrompts } from './text_stage';
import type { WeightSource } from './weight_source';

export type { DecodedFrames, SamplingState, StageTime, StepTime };

export interface ClipNetworks extends VideoCoder {
  readonly text: TextConfig;
  readonly dit: DitConfig;
}

export interface ClipRequest {
  /** Token ids of the prompt and, with guidance, of the negative one. */
  readonly prompts: readonly (readonly number[])[];
  /** Latents: (channels, frames, height, width); the noise is as large. */
  readonly shape: readonly [number, number, number, number];
  readonly noise: Float32Array;
  /** The given first frame, (3, 16 · height, 16 · width) in [−1, 1]. */
  readonly image: Float32Array | null;
  readonly solver: Solver;
  /** In place of the VAE's: the tiny one. */
  readonly decoder?: VideoDecoder | undefined;
}

/** Embeddings of token ids of one text encoder, (tokens, dim) each. */
export interface EmbeddingStore {
  get(ids: readonly number[]): Promise<Float32Array | null>;
  set(ids: readonly number[], embeddings: Float32Array): Promise<void>;
}

export type ClipStage = 'encode' | 'image' | 'denoise' | 'decode';

export interface ClipOptions extends Omit<ComputeOptions, 'tap'> {
  /** Begin after this state instead of with noise. */
  readonly resume?: SamplingState | undefined;
  readonly embeddings?: EmbeddingStore | undefined;
  /** Each stage as it begins; what is kept from before has none. */
  readonly onStage?: ((stage: ClipStage) => void) | undefined;
  /** Steps from 1, of all; with the GPU's times. */
  readonly onStep?: ((done: number, seconds: number, times: readonly RunTime[]) => void | Promise<void>) | undefined;
  /** The state after each step; it is read back only if this is given. */
  readonly onState?: ((state: SamplingState) => void | Promise<void>) | undefined;
  /** The x0 prediction, as large as the noise, after every so many steps but the last. */
  readonly preview?:
    | {
        readonly every: number;
        readonly onX0: (x0: Float32Array, step: number) => void | Promise<void>;
        /** Of `memoryBytes`, what `onX0` takes for itself: weights leave it free. */
        readonly gpuBytes?: number;
      }
    | undefined;
  readonly onFrames: (frames: DecodedFrames) => void | Promise<void>;
}

export interface ClipTimes {
  /** Null where the embeddings were kept from an earlier run, or are not needed any more. */
  readonly encode: StageTime | null;
  readonly image: StageTime | null;
  /** Null where the resumed run had all its steps done. */
  readonly denoise: (StageTime & { readonly steps: readonly StepTime[] }) | null;
  readonly decode: StageTime;
  readonly peakBytes: number;
}

/**
 * Frames come by `onFrames` as they are decoded. Each stage gives its GPU memory back before the next, and on failure.
 * Throws AppError input-invalid where the request does not fit together, not-finite, cancelled, device-lost; with
 * `onState`'s last state a new context goes on.
 */
export const makeClip = (
  context: GpuContext,
  source: WeightSource,
  networks: ClipNetworks,
  request: ClipRequest,
  options: ClipOptions,
): Promise<ClipTimes> =>
  // A read that is under way when the device is lost would not end by itself.
  untilLost(context.device.device, options.signal, (signal) =>
    runStages(context, source, networks, request, options, signal),
  );

async function runStages(
  context: GpuContext,
  source: WeightSource,
  networks: ClipNetworks,
  request: ClipRequest,
  options: ClipOptions,
  signal: AbortSignal,
): Promise<ClipTimes> {
  const { shape, solver, image, noise } = request;
  const { resume, onStage = () => {} } = options;
  checkRequest(networks, request);
  context.runner.forgetRefused();
  if (resume) checkState(resume, solver, shape, image !== null);
  const times: Partial<Record<ClipStage, StageTime>> = {};
  const { device } = context.device;
  const stage = async <T>(name: ClipStage, work: (compute: ComputeOptions) => Promise<T>): Promise<T> => {
    throwIfOver(device, options.signal);
    onStage(name);
    try {
      const { result, time } = await timeStage(context, { ...options, signal }, work);
      times[name] = time;
      return result;
    } catch (failure) {
      throwIfOver(device);
      throw failure;
    }
  };

  let latents = resume?.slots.get('sample');
  let steps: readonly StepTime[] = [];
  if (!resume || resume.done < solver.steps.length) {
    const embeddings = await promptEmbeddings(networks.text, request.prompts, options.embeddings, (prompts) =>
      stage('encode', (compute) => encodeToNumbers(context, source, networks.text, prompts, compute)),
    );
    const [, , height, width] = shape;
    const frame = [3, 1, 16 * height, 16 * width];
    const from =
      resume ??
      startOf(
        noise,
        image && (await stage('image', (compute) => encodeVideo(context, source, networks, frame, image, compute))),
      );
    const later = solverBytes(solver, shape, from.fixed !== null) + (options.preview?.gpuBytes ?? 0);
    const memoryBytes = options.memoryBytes && options.memoryBytes - later;
    ({ latents, steps } = await stage('denoise', (compute) =>
      denoise(context, source, networks, request, embeddings, from, { ...compute, memoryBytes }, options),
    ));
  }
  const { onFrames } = options;
  await stage('decode', (compute) =>
    decodeVideo(context, source, request.decoder ?? networks, shape, latents!, { ...compute, onFrames }),
  );

  const { encode = null, image: ofImage = null, denoise: ofSteps, decode } = times;
  return {
    encode,
    image: ofImage,
    denoise: ofSteps ? { ...ofSteps, steps } : null,
    decode: decode!,
    peakBytes: Math.max(...Object.values(times).map(({ peakBytes }) => peakBytes)),
  };
}

/** Kept ones, and all others by one call of `encode`. */
async function promptEmbeddings(
  { dim }: TextConfig,
  prompts: readonly (readonly number[])[],
  store: EmbeddingStore | undefined,
  encode: (prompts: readonly (readonly number[])[]) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const found = await Promise.all(prompts.map((ids) => store?.get(ids)));
  const kept = found.map((values, i) => (values?.length === prompts[i]!.length * dim ? values : null));
  const missing = prompts.filter((_, i) => !kept[i]);
  const made = missing.length > 0 ? await encode(missing) : [];
  await Promise.all(missing.map((ids, i) => store?.set(ids, made[i]!)));
  let next = 0;
  return kept.map((values) => values ?? made[next++]!);
}

async function encodeToNumbers(
  context: GpuContext,
  source: WeightSource,
  config: TextConfig,
  prompts: readonly (readonly number[])[],
  options: ComputeOptions,
): Promise<Float32Array[]> {
  const { memory } = context;
  const tensors = await encodePrompts(context, source, config, prompts, options);
  try {
    const embeddings: Float32Array[] = [];
    for (const tensor of tensors) {
      const values = await readNumbers(memory, tensor, options.signal);
      expectFinite('The embeddings of a prompt', values); // before they are kept, and before the transformer is loaded
      embeddings.push(values);
    }
    return embeddings;
  } finally {
    memory.free(tensors);
  }
}

function checkRequest({ dit, vae }: ClipNetworks, { prompts, shape, noise, image, solver }: ClipRequest): void {
  const refuse = (what: string) => {
    throw new AppError('input-invalid', what);
  };
  const [channels, , height, width] = shape;
  const branches = solver.slots.includes('unconditional') ? 2 : 1;
  if (prompts.length !== branches)
    refuse(`${prompts.length} prompts were given; with guidance there are two, without it one, here ${branches}.`);
  if (channels !== dit.in_dim || channels !== vae.z_dim)
    refuse(
      `The latents have ${channels} channels, the transformer reads ${dit.in_dim} and the video coder ${vae.z_dim}.`,
    );
  if (shape.some((size) => !(Number.isInteger(size) && size > 0)) || height % 2 !== 0 || width % 2 !== 0)
    refuse(`Latents of [${shape}] cannot be cut into patches of 2 × 2. Choose a size in multiples of 32 pixels.`);
  if (noise.length !== elements(shape)) refuse(`There are ${noise.length} values of noise for latents of [${shape}].`);
  const pixels = 3 * 256 * height * width;
  if (image && image.length !== pixels) refuse(`The first frame has ${image.length} values, needed are ${pixels}.`);
}
