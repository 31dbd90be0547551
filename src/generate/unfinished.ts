/**
 * A run that was stopped, as bytes: the latents and the solver's history after
 * the last finished step, and what they belong to. It is a safetensors file, so
 * that IndexedDB and a disk keep the same, and any tool can look inside.
 */
import * as v from 'valibot';
import {
  type ClipSettings,
  clipProblems,
  DECODERS,
  latentFramesOf,
  type Picture,
  SCHEDULES,
  SOLVERS,
  TOKENIZERS,
} from '../core/clip';
import type { UnfinishedClip } from '../core/clip_run';
import { AppError, excerpt } from '../core/errors';
import { PRODUCTS } from '../core/products';
import type { SamplingState } from '../pipeline/clip';
import { read } from '../pipeline/read_config';
import { type Slot, X0_SLOTS } from '../sampling/recipe';
import { parseSafetensorsHeader, type SafetensorsTensor, writeSafetensorsHeader } from '../weights/safetensors';

export interface Unfinished {
  readonly clip: UnfinishedClip;
  readonly state: SamplingState;
  /** The first frame that was given, as the model saw it. */
  readonly image: Picture | null;
}

const FORMAT = 'wanscope-unfinished';
const VERSION = '1';

const FIXED = 'fixed';
const IMAGE = 'image';
const STATE_SLOTS: readonly Slot[] = ['sample', ...X0_SLOTS];

const settings: v.GenericSchema<unknown, ClipSettings> = v.object({
  prompt: v.string(),
  negativePrompt: v.string(),
  width: v.number(),
  height: v.number(),
  frames: v.number(),
  steps: v.number(),
  solver: v.picklist(SOLVERS),
  schedule: v.picklist(SCHEDULES),
  shift: v.number(),
  guidance: v.number(),
  seed: v.number(),
  noise: v.custom<ClipSettings['noise']>((value) => typeof value === 'string'), // clipProblems says which
  decoder: v.picklist(DECODERS),
  tokenizer: v.optional(v.picklist(TOKENIZERS), 'fast'), // files from before it could be chosen
});
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const clip: v.GenericSchema<unknown, UnfinishedClip> = v.object({
  settings,
  model: v.string(),
  modelFingerprint: v.string(),
  lorasFingerprint: v.nullable(v.string()),
  activation: v.optional(v.picklist(['f32', 'f16'])),
  products: v.optional(v.picklist(PRODUCTS)),
  hasImage: v.boolean(),
  stepsDone: count,
  steps: count,
  savedAt: v.string(),
});

/** Shape of the latents of settings, for a model of so many channels. */
export const latentsShape = (channels: number, { width, height, frames }: ClipSettings) =>
  [channels, latentFramesOf(frames), height / 16, width / 16] as const;

export function writeUnfinished({ clip, state, image }: Unfinished): Uint8Array<ArrayBuffer> {
  const { width, height } = clip.settings;
  const area = latentsShape(1, clip.settings).reduce((product, size) => product * size);
  const channels = state.slots.get('sample')!.length / area;
  const shape = latentsShape(channels, clip.settings);
  const [, , ...plane] = shape;
  const tensors: {
    name: string;
    dtype: SafetensorsTensor['dtype'];
    shape: readonly number[];
    data: ArrayBufferView;
  }[] = [
    ...[...state.slots].map(([name, data]) => ({ name, dtype: 'F32' as const, shape, data })),
    ...(state.fixed ? [{ name: FIXED, dtype: 'F32' as const, shape: [channels, 1, ...plane], data: state.fixed }] : []),
    ...(image ? [{ name: IMAGE, dtype: 'U8' as const, shape: [height, width, 4], data: image.pixels }] : []),
  ];
  const header = writeSafetensorsHeader(tensors, { format: FORMAT, version: VERSION, clip: JSON.stringify(clip) });
  const bytes = new Uint8Array(tensors.reduce((sum, { data }) => sum + data.byteLength, header.length));
  bytes.set(header);
  let at = header.length;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * `name` is for messages. Throws file-invalid for what is not such a file, is of another version, is cut off, or holds
 * settings that cannot be, tensors of other shapes than the settings', or values that are no numbers.
 */
export function readUnfinished(bytes: Uint8Array, name: string): Unfinished {
  const invalid = (what: string) => new AppError('file-invalid', `${name} holds no unfinished video: ${what}.`);
  const { tensors, metadata } = named(name, () => parseSafetensorsHeader(bytes, bytes.length));
  const { format, version } = metadata;
  if (format !== FORMAT) throw invalid(`its format is "${excerpt(format ?? '')}", not "${FORMAT}"`);
  if (version !== VERSION) throw invalid(`it is of version ${excerpt(version ?? '')}, this program reads ${VERSION}`);
  const found = read(clip, fromJson(metadata.clip), name);
  const [problem] = clipProblems(found.settings);
  if (problem) throw invalid(`its ${problem.setting} is ${excerpt(problem.value)}`);
  if (found.stepsDone > found.steps) throw invalid(`${found.stepsDone} of ${found.steps} steps are done`);

  const sample = tensors.get('sample');
  if (!sample?.shape[0]) throw invalid('it has no latents');
  const shape = latentsShape(sample.shape[0], found.settings);
  const { width, height } = found.settings;
  const [channels, , ...plane] = shape;
  const bytesOf = (tensor: string, dtype: string, expected: readonly number[]) => {
    const stored = tensors.get(tensor);
    if (!stored) return null;
    if (stored.dtype !== dtype || stored.shape.join() !== expected.join())
      throw invalid(`${tensor} is ${stored.dtype} [${stored.shape}], its settings ask for ${dtype} [${expected}]`);
    return new Uint8Array(bytes.subarray(stored.beginByte, stored.endByte)).buffer; // `slice` of a Buffer copies nothing
  };
  const numbers = (tensor: string, expected: readonly number[]) => {
    const buffer = bytesOf(tensor, 'F32', expected);
    const values = buffer && new Float32Array(buffer);
    if (values?.every(Number.isFinite) === false) throw invalid(`${tensor} has values that are not numbers`);
    return values;
  };

  const slots = STATE_SLOTS.flatMap((slot) => {
    const values = numbers(slot, shape);
    return values ? [[slot, values] as const] : [];
  });
  if (slots.length < 2) throw invalid('it has none of the predictions that the solver goes on from');
  const fixed = numbers(FIXED, [channels, 1, ...plane]);
  const image = bytesOf(IMAGE, 'U8', [height, width, 4]);
  if ((fixed !== null) !== found.hasImage || (image !== null) !== found.hasImage)
    throw invalid('a first frame was given and is not there, or the other way');
  return {
    clip: found,
    state: { done: found.stepsDone, slots: new Map(slots), fixed },
    image: image && { width, height, pixels: new Uint8ClampedArray(image) },
  };
}

/** What a run is, whichever of its steps are done. */
export type Continued = Pick<
  UnfinishedClip,
  'settings' | 'modelFingerprint' | 'lorasFingerprint' | 'activation' | 'products'
>;

/**
 * Throws input-invalid, with both values, where the state is not one of a run of these settings with this model,
 * arithmetic and first frame. How frames are decoded may differ.
 */
export function checkContinues(
  { clip, image }: Unfinished,
  { settings, modelFingerprint, lorasFingerprint, ...arithmetic }: Continued,
  given: Picture | null,
): void {
  const refuse = (what: string) =>
    new AppError('input-invalid', `The unfinished video is of another run: ${what}. Take the same, or begin anew.`);
  for (const key of Object.keys(settings) as (keyof ClipSettings)[])
    if (key !== 'decoder' && clip.settings[key] !== settings[key])
      throw refuse(`its ${key} is "${clip.settings[key]}", now it is "${settings[key]}"`);
  if (clip.modelFingerprint !== modelFingerprint) throw refuse(`its model ${clip.model} has other weights`);
  if (clip.lorasFingerprint !== lorasFingerprint)
    throw refuse(`it is of ${clip.model}; the LoRAs or their strengths are others now`);
  for (const key of ['activation', 'products'] as const)
    if (clip[key] !== undefined && clip[key] !== arithmetic[key])
      throw refuse(`its ${key} is "${clip[key]}", now it is "${arithmetic[key]}"`);
  if (!samePixels(image, given)) throw refuse('it has another first frame');
}

function samePixels(one: Picture | null, other: Picture | null): boolean {
  if (one === null || other === null) return one === other;
  return one.pixels.length === other.pixels.length && one.pixels.every((byte, i) => byte === other.pixels[i]);
}

function named<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (failure) {
    if (!(failure instanceof AppError)) throw failure;
    throw new AppError(failure.code, `${name} holds no unfinished video. ${failure.message}`, { cause: failure });
  }
}

function fromJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return text;
  }
}
