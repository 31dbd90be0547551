/** Files that the user chose: read where they are, and known by their keys until they are forgotten. */
import { AppError } from '../src/core/errors';
import { type ByteSource, blobSource } from '../src/weights/byte_source';
import type { SourceKey } from './byte_port';
import type { ChosenFile } from './loader_api';

export interface ChosenFiles {
  keep(file: ChosenFile): SourceKey;
  /** Undefined for any key that is none of these files'. */
  find(key: SourceKey): ChosenFile | undefined;
  /** Throws weights-missing where there is no such file. */
  open(key: SourceKey): ByteSource;
  forget(key: SourceKey): void;
}

export function chosenFiles(): ChosenFiles {
  const files = new Map<number, ChosenFile>();
  // The page keeps its keys when a loader ends, and in the next one they must not mean other files.
  let nextId = Math.floor(Math.random() * 2 ** 40);

  const find = (key: SourceKey) => (key.kind === 'chosen' ? files.get(key.id) : undefined);

  return {
    find,
    keep(file) {
      const id = nextId++;
      files.set(id, file);
      return { kind: 'chosen', id };
    },
    open(key) {
      const known = find(key);
      if (!known)
        throw new AppError(
          'weights-missing',
          `The file is not among the ${files.size} that were chosen since the loader began. Choose it again.`,
        );
      return blobSource(known.path, known.file);
    },
    forget(key) {
      if (key.kind === 'chosen') files.delete(key.id);
    },
  };
}
