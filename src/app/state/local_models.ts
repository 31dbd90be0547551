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

export const openFiles = (files: Iterable<File>): Promise<void> => openChosen(() => loader.chooseFiles(files));

export const openFolders = (folders: readonly FileSystemDirectoryHandle[]): Promise<void> =>
  openChosen(async () => {
    const files = await Promise.all(folders.map(loader.chooseFolder));
    return files.flat().map(({ key }) => key);
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

async function openChosen(choose: () => Promise<readonly SourceKey[]>): Promise<void> {
  opening.value = true;
  openFailure.value = null;
  try {
    const keys = await choose();
    const weights = await loader.weightsAmong(keys);
    if (weights.length === 0)
      throw new AppError(
        'weights-missing',
        `${keys.length} files were given, and 0 of them are named as weights are: *.safetensors, *.gguf or *.pth. Choose others.`,
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

export function closeLocal(id: string): void {
  localModels.value = localModels.value.filter((each) => each.id !== id);
}
