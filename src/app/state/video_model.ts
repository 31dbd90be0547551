/** The model that makes videos: the one that comes with the page, or one put together from the weights here. */
import { computed, signal } from '@preact/signals-core';
import type { SourceKey, VideoModelChoice } from '../../../workers/engine_api';
import type { VideoModel } from '../../core/clip_run';
import * as engine from '../engine';
import * as loader from '../loader';
import { canRun, type Network } from '../model_status';
import { type Failure, failureOf } from './failure';
import { type InspectedModel, inspectedModels } from './inspected';

/** Networks that a model is put together from, in the order of the form. The tiny decoder may be left out. */
export const NETWORKS: readonly Network[] = ['dit', 'text', 'vae', 'tiny'];
const NEEDED: readonly Network[] = ['dit', 'text', 'vae'];

export interface ModelForm {
  readonly kind: 'demo' | 'files';
  /** Ids of models, by what they are to be used for; without one, the first that will do. */
  readonly parts: Readonly<Partial<Record<Network, string>>>;
  /** A file with the tokenizer, for weights that come without. */
  readonly tokenizer: { readonly name: string; readonly key: SourceKey } | null;
}

export const modelForm = signal<ModelForm>({ kind: 'demo', parts: {}, tokenizer: null });

export function changeModel(changes: Partial<ModelForm>): void {
  modelForm.value = { ...modelForm.value, ...changes };
}

export const candidates = (network: Network): InspectedModel[] =>
  inspectedModels.value.filter(({ inspection }) => canRun(inspection, network));

/** What is used for a network; null where there is nothing, or where a part that may be left out is. */
export function partFor(network: Network): InspectedModel | null {
  const choices = candidates(network);
  const chosen = modelForm.value.parts[network];
  return choices.find(({ id }) => id === chosen) ?? (chosen === NO_PART ? null : (choices[0] ?? null));
}

/** In place of an id: leave it out. */
export const NO_PART = '';

/** No part that is used brings one: a file with it is to be chosen, or was. */
export const wantsTokenizer = computed(() => !NEEDED.some((network) => partFor(network)?.inspection.tokenizer));

/** What a model of the files here still lacks. */
export const lacking = computed((): (Network | 'tokenizer')[] => {
  const parts = NEEDED.map(partFor);
  const hasTokenizer = modelForm.value.tokenizer || !wantsTokenizer.value;
  return [...NEEDED.filter((_, i) => !parts[i]), ...(hasTokenizer ? [] : (['tokenizer'] as const))];
});

/** Null while something is lacking. */
export const modelChoice = computed((): VideoModelChoice | null => {
  const { kind, tokenizer } = modelForm.value;
  if (kind === 'demo') return { kind };
  if (lacking.value.length > 0) return null;
  const used = new Set(NETWORKS.flatMap((network) => partFor(network) ?? []));
  return {
    kind,
    keys: [...used].flatMap(({ keys }) => keys),
    tokenizer: wantsTokenizer.value && tokenizer ? tokenizer.key : null,
  };
});

export type OpenedModel =
  | { readonly name: 'none' | 'opening' }
  | { readonly name: 'ready'; readonly choice: VideoModelChoice; readonly model: VideoModel }
  | { readonly name: 'failed'; readonly failure: Failure };

/** The answer to the last choice that was asked about. */
const answer = signal<{ readonly choice: string; readonly opened: OpenedModel } | null>(null);

/** 'none' while a part is lacking. */
export const openedModel = computed((): OpenedModel => {
  if (!modelChoice.value) return { name: 'none' };
  return answer.value?.choice === JSON.stringify(modelChoice.value) ? answer.value.opened : { name: 'opening' };
});

let turn = 0;

/** An answer to an older question is dropped. */
export async function openModel(choice: VideoModelChoice): Promise<void> {
  const mine = ++turn;
  answer.value = null;
  let opened: OpenedModel;
  try {
    await connectFor(choice);
    opened = { name: 'ready', choice, model: await engine.openModel(choice) };
  } catch (error) {
    opened = { name: 'failed', failure: failureOf(error) };
  }
  if (mine === turn) answer.value = { choice: JSON.stringify(choice), opened };
}

export async function openAgain(): Promise<void> {
  if (modelChoice.value) await openModel(modelChoice.value);
}

/** Either worker may be a new one. */
export async function connectFor(...choices: (VideoModelChoice | { keys: readonly SourceKey[] })[]) {
  if (choices.some((choice) => 'keys' in choice)) await loader.connectEngine();
}

export async function openTokenizer(file: File): Promise<void> {
  const [key] = await loader.chooseFiles([file]);
  closeTokenizer();
  changeModel({ tokenizer: { name: file.name, key: key! } });
}

export function closeTokenizer(): void {
  const { tokenizer } = modelForm.value;
  if (tokenizer) void loader.forget([tokenizer.key]).catch(() => undefined); // a loader that has ended keeps none
  changeModel({ tokenizer: null });
}
