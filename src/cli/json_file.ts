/** The file that `--json` names. Runs take minutes, so that it can be written is known before one begins. */
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { say, UsageError } from './command';
import { diskFailure } from './disk_failure';
import { isFolder } from './png_frames';

/** Throws AppError storage-full and storage-failed. */
export type WriteJson = (result: object) => Promise<void>;

/** Writes nothing where there is no path. Throws UsageError, and AppError storage-failed; what is there stays as it is. */
export async function jsonFile(path: string | undefined): Promise<WriteJson> {
  if (path === undefined) return async () => {};
  if (path === '' || (await isFolder(path))) throw new UsageError(`--json is the name of a file, not "${path}".`);
  await access(path, constants.W_OK)
    .catch((cause) => {
      if (cause.code !== 'ENOENT') throw cause;
      return access(dirname(path), constants.W_OK);
    })
    .catch((cause) => {
      throw diskFailure(path, cause);
    });
  return async (result) => {
    await writeFile(path, `${JSON.stringify(result, null, 2)}\n`).catch((cause) => {
      throw diskFailure(path, cause);
    });
    say(`Written to ${path}.`);
  };
}
