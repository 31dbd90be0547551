/** Weights opened from the disk: read where they are, and known until the page closes. */
import { signal } from '@preact/signals-core';
import type { ChosenWeights, SourceKey } from '../../../workers/loader_api';
import { AppError } from '../../core/errors';
import * as loader from '../loader';
import { type Failure, failureOf } from './failure';
import { type Found, lookAt } from './look';

export interface LocalModel {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly keys: readonly SourceKey[];
  /** Null while it is looked at. */
  readonly found: Found | Failure | null;
}

export const localModels = signal<readonly LocalModel[]>([]);
export const opening = signal(false);
export const openFailure = signal<Failure | null>(null);

let count = 0;

export const openFiles = (files: Iterable<File>): Promise<void> =>
  openChosen(async () => {
    const keys = await loader.chooseFiles(files);
    return { keys, seen: keys.length };
  });

export const openFolders = (folders: readonly FileSystemDirectoryHandle[]): Promise<void> =>
  openChosen(async () => {
    const chosen = await Promise.all(folders.map(loader.chooseFolder));
    const keys = chosen.flatMap(({ files }) => files.map(({ key }) => key));
    return { keys, seen: chosen.reduce((sum, { seen }) => sum + seen, 0) };
  });

/** Firefox and Safari have only the input. */
const picker = (globalThis as { showDirectoryPicker?: () => Promise<FileSystemDirectoryHandle> }).showDirectoryPicker;
export const canPickFolders = picker !== undefined;

/** The folder that the user picks; nothing happens where they change their mind. */
export async function pickFolder(): Promise<void> {
  try {
    await openFolders([await picker!()]);
  } catch (error) {
    if ((error as Error).name !== 'AbortError') openFailure.value = failureOf(error);
  }
}

interface Chosen {
  readonly keys: readonly SourceKey[];
  /** Files of any name. */
  readonly seen: number;
}

async function openChosen(choose: () => Promise<Chosen>): Promise<void> {
  opening.value = true;
  openFailure.value = null;
  try {
    const { keys, seen } = await choose();
    const weights = await loader.weightsAmong(keys);
    const opened = new Set(weights.flatMap((each) => each.keys.map(idOf)));
    const unused = keys.filter((key) => !opened.has(idOf(key)));
    if (unused.length > 0) await loader.forget(unused);
    if (weights.length === 0)
      throw new AppError(
        'weights-missing',
        `${seen} files were given, and 0 of them are named as weights are: *.safetensors, *.gguf or *.pth. Choose others.`,
      );
    await Promise.all(weights.map(openOne));
  } catch (error) {
    openFailure.value = failureOf(error);
  } finally {
    opening.value = false;
  }
}

async function openOne({ name, keys, bytes, missing }: ChosenWeights): Promise<void> {
  const id = `local-${++count}`;
  localModels.value = [...localModels.value, { id, name, bytes, keys, found: null }];
  const found = await lookAt(name, keys, missing).catch(failureOf);
  localModels.value = localModels.value.map((each) => (each.id === id ? { ...each, found } : each));
}

const idOf = (key: SourceKey) => (key.kind === 'chosen' ? key.id : null);

export function closeLocal(id: string): void {
  const closed = localModels.value.find((each) => each.id === id);
  if (closed) void loader.forget(closed.keys).catch(() => undefined); // a loader that has ended keeps none
  localModels.value = localModels.value.filter((each) => each.id !== id);
}
