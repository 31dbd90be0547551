/** What a video is to be made from, as it stands in the form, and what it comes to. */
import { computed, signal } from '@preact/signals-core';
import type { ClipChoice, PromptReading } from '../../../workers/engine_api';
import { type ClipProblem, type ClipSettings, clipProblems } from '../../core/clip';
import { readClipLine } from '../../core/clip_line';
import type { ClipPlan, ClipSize, VideoModel } from '../../core/clip_run';
import * as engine from '../engine';
import { type Failure, failureOf } from './failure';
import { inspectedModels } from './inspected';
import { EMPTY_PICTURE, picture } from './picture';
import { GIB } from './streaming';
import { connectFor, openedModel } from './video_model';

export interface LoraForm {
  /** Of a model here. */
  readonly id: string;
  readonly strength: number;
}

/** What is no part of a clip's settings, for it changes the way and not the video; and LoRAs, which have no line. */
export interface ClipOptions {
  readonly loras: readonly LoraForm[];
  readonly residency: 'resident' | 'stream';
  /** Null sets no bound. */
  readonly memoryGib: number | null;
}

/** Null until a model is open. */
export const clipSettings = signal<ClipSettings | null>(null);
export const clipOptions = signal<ClipOptions>({ loras: [], residency: 'resident', memoryGib: null });

export function changeSettings(changes: Partial<ClipSettings>): void {
  if (clipSettings.value) clipSettings.value = { ...clipSettings.value, ...changes };
}

export function changeOptions(changes: Partial<ClipOptions>): void {
  clipOptions.value = { ...clipOptions.value, ...changes };
}

let fingerprint = '';

/** Another model has other defaults; what was written stays. */
export function takeDefaults(model: VideoModel): void {
  if (model.fingerprint === fingerprint) return;
  fingerprint = model.fingerprint;
  planTurn += 1; // what is on its way is of the other
  plans.value = { name: 'none' };
  const prompt = clipSettings.value?.prompt ?? model.defaults.prompt;
  clipSettings.value = { ...model.defaults, prompt };
}

export const problems = computed((): ClipProblem[] => (clipSettings.value ? clipProblems(clipSettings.value) : []));

/** About ten previews a clip. */
const PREVIEWS = 10;

/** Null while no model is open. Its settings may have problems. */
export const clipChoice = computed((): ClipChoice | null => {
  const opened = openedModel.value;
  const settings = clipSettings.value;
  if (opened.name !== 'ready' || !settings) return null;
  const { loras, residency, memoryGib } = clipOptions.value;
  return {
    model: opened.choice,
    settings,
    image: opened.model.takesImage ? (picture.value?.picture ?? null) : null,
    loras: loras.flatMap(({ id, strength }) => {
      const model = inspectedModels.value.find((each) => each.id === id);
      return model ? { keys: model.keys, strength } : [];
    }),
    residency,
    memoryBytes: memoryGib === null ? null : Math.round(memoryGib * GIB),
    previewEvery: opened.model.preview ? Math.max(1, Math.ceil(settings.steps / PREVIEWS)) : 0,
  };
});

/** Those that the model is known for, and the one in the form. */
export const clipSizes = computed((): readonly ClipSize[] => {
  const usual = openedModel.value.name === 'ready' ? openedModel.value.model.sizes : [];
  const settings = clipSettings.value;
  if (!settings || usual.some((size) => isSize(size, settings)) || problems.value.length > 0) return usual;
  const { width, height, frames } = settings;
  return [...usual, { width, height, frames }];
});

export const isSize = (a: ClipSize, b: ClipSize): boolean =>
  a.width === b.width && a.height === b.height && a.frames === b.frames;

/** Null where what stands in the form is no larger. */
export const smallestSize = computed((): ClipSize | null =>
  clipSettings.value ? smallerOf(clipSizes.value, clipSettings.value) : null,
);

/** The smallest of `sizes`, if it is smaller than `size`. */
export function smallerOf(sizes: readonly ClipSize[], size: ClipSize): ClipSize | null {
  const pixels = ({ width, height, frames }: ClipSize) => width * height * frames;
  const [smallest] = [...sizes].sort((a, b) => pixels(a) - pixels(b));
  return smallest && pixels(smallest) < pixels(size) ? smallest : null;
}

export type Plans =
  | { readonly name: 'none' }
  | { readonly name: 'ready'; readonly plans: readonly ClipPlan[] }
  | { readonly name: 'failed'; readonly failure: Failure };

export const plans = signal<Plans>({ name: 'none' });

/** Null while it is worked out, and while no model is open. */
export const planFor = (size: ClipSize): ClipPlan | null =>
  plans.value.name === 'ready' && openedModel.value.name === 'ready'
    ? (plans.value.plans.find((plan) => isSize(plan.size, size)) ?? null)
    : null;

/** An empty prompt makes a video too, of whatever; nobody who has just come here wants that. */
export const isWritten = ({ prompt }: ClipSettings): boolean => prompt.trim() !== '';

/** Whether what the form says can be run, as far as is known. */
export const canBeMade = computed((): boolean => {
  const settings = clipSettings.value;
  if (!settings || openedModel.value.name !== 'ready' || problems.value.length > 0) return false;
  return isWritten(settings) && !planFor(settings)?.impossible;
});

let planTurn = 0;

export async function plan(choice: ClipChoice): Promise<void> {
  const mine = ++planTurn;
  let next: Plans;
  try {
    await connectFor(choice.model, ...choice.loras);
    // Of a picture it only counts that there is one, and a copy of it would be made.
    const image = choice.image && EMPTY_PICTURE;
    next = { name: 'ready', plans: await engine.planClips({ ...choice, image }, clipSizes.value) };
  } catch (error) {
    next = { name: 'failed', failure: failureOf(error) };
  }
  if (mine === planTurn) plans.value = next;
}

export const reading = signal<PromptReading | null>(null);

let readTurn = 0;

export async function readPrompt({ model, settings }: ClipChoice): Promise<void> {
  const mine = ++readTurn;
  const { prompt, tokenizer } = settings;
  const next = await engine.readPrompt(model, prompt, tokenizer).catch(() => null); // the run itself says what is wrong
  if (mine === readTurn) reading.value = next;
}

export type TakenLine = { readonly name: 'none' | 'taken' } | { readonly name: 'failed'; readonly failure: Failure };

export const takenLine = signal<TakenLine>({ name: 'none' });

/** Takes settings from a line, as the page copies it. */
export function takeLine(line: string): void {
  if (!line.trim()) return;
  try {
    changeSettings(readClipLine(line));
    takenLine.value = { name: 'taken' };
  } catch (error) {
    takenLine.value = { name: 'failed', failure: failureOf(error) };
  }
}

/** 32 bits: every generator takes as many. */
export const newSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!;
