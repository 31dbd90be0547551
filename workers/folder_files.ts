/** The weights in a folder and in those below it, by their names: a dropped folder may be all of a disk. */
import { AppError } from '../src/core/errors';
import { isWeightsName } from '../src/weights/hub';
import type { ChosenFile } from './loader_api';

/** Files and folders together. The largest repositories of weights have some hundred. */
export const MOST_ENTRIES = 10_000;

/** The part of `FileSystemDirectoryHandle` that is used. */
export interface Folder {
  readonly kind: 'directory';
  readonly name: string;
  values(): AsyncIterable<Folder | Pick<FileSystemFileHandle, 'kind' | 'name' | 'getFile'>>;
}

/** `seen`: files of any name. Throws input-invalid where there are too many. */
export async function weightsIn(folder: Folder): Promise<{ readonly seen: number; readonly files: ChosenFile[] }> {
  const files: ChosenFile[] = [];
  const folders = [{ handle: folder, path: folder.name }];
  let [entries, seen] = [0, 0];
  for (let next = folders.pop(); next; next = folders.pop()) {
    for await (const handle of next.handle.values()) {
      if (++entries > MOST_ENTRIES) throw tooMany(folder.name);
      const path = `${next.path}/${handle.name}`;
      if (handle.kind === 'directory') folders.push({ handle, path });
      else {
        seen += 1;
        if (isWeightsName(handle.name)) files.push({ path, file: await handle.getFile() });
      }
    }
  }
  return { seen, files };
}

export const tooMany = (name: string) =>
  new AppError(
    'input-invalid',
    `${name} has more than ${MOST_ENTRIES} files and folders, and at most ${MOST_ENTRIES} are looked at. Open the folder that the weights are in.`,
  );
