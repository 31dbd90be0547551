/** The field that weights are added by: from what was pasted, over choices, to what one of them holds. */
import { signal } from '@preact/signals-core';
import type { SourceKey, WeightChoice } from '../../../workers/loader_api';
import * as loader from '../loader';
import { type Failure, failureOf } from './failure';
import { openFailure } from './local_models';
import { type Found, lookAt } from './look';
import { addStored, readSpace } from './models';
import { watchWaits } from './waits';

export type Looking =
  | { readonly name: 'idle' }
  | { readonly name: 'busy'; readonly what: string }
  | { readonly name: 'choices'; readonly choices: readonly WeightChoice[] }
  | {
      readonly name: 'found';
      readonly choice: WeightChoice;
      readonly found: Found;
      /** To go back to; empty where there was no choice. */
      readonly choices: readonly WeightChoice[];
    }
  | { readonly name: 'failed'; readonly failure: Failure; readonly again: () => void };

export const looking = signal<Looking>({ name: 'idle' });
/** What is in the field, and the hub that names without an address belong to; empty: the usual one. */
export const query = signal('');
export const hubBase = signal('');

/** A newer look makes the answer to an older one void. */
let turn = 0;

async function attempt(what: string, again: () => void, work: () => Promise<Looking>): Promise<void> {
  stopOlder();
  const mine = ++turn;
  looking.value = { name: 'busy', what };
  openFailure.value = null;
  let next: Looking;
  try {
    await watchWaits();
    next = await work();
  } catch (error) {
    next = { name: 'failed', failure: failureOf(error), again };
  }
  if (mine === turn) looking.value = next;
}

function stopOlder(): void {
  if (looking.value.name === 'busy') void loader.stopLooking().catch(() => undefined); // a loader that has ended looks at nothing
}

/** Nothing comes of it any more. */
export function stopLooking(): void {
  stopOlder();
  showChoices([]);
}

export const find = (): Promise<void> =>
  attempt(query.value.trim(), find, async () => {
    const choices = await loader.find(query.value, hubBase.value.trim() || undefined);
    return choices.length === 1 ? open(choices[0]!, []) : { name: 'choices', choices };
  });

export const choose = (choice: WeightChoice, choices: readonly WeightChoice[]): Promise<void> =>
  attempt(
    choice.name,
    () => choose(choice, choices),
    () => open(choice, choices),
  );

async function open(choice: WeightChoice, choices: readonly WeightChoice[]): Promise<Looking> {
  const keys = choice.files.map(({ url }): SourceKey => ({ kind: 'address', address: url }));
  const [found] = await Promise.all([lookAt(choice.name, keys, choice.missing), readSpace()]);
  return { name: 'found', choice, choices, found };
}

export function showChoices(choices: readonly WeightChoice[]): void {
  turn += 1;
  looking.value = choices.length > 0 ? { name: 'choices', choices } : { name: 'idle' };
}

/** Consent was given: lists it as a model to keep, and begins to bring it. */
export async function keep({ choice, found }: Looking & { name: 'found' }): Promise<void> {
  const files = choice.files.map(({ path, url, bytes, sha256 }, i) => {
    const known = found.files[i]!;
    const sum = sha256 ?? known.sha256;
    return { name: path, address: url, bytes, unwanted: known.rowTables, ...(sum && { sha256: sum }) };
  });
  try {
    await addStored({ name: choice.name, files });
    query.value = '';
    looking.value = { name: 'idle' };
  } catch (error) {
    const again = () => void keep({ name: 'found', choice, found, choices: [] });
    looking.value = { name: 'failed', failure: failureOf(error), again };
  }
}
