/** Where the command line keeps what tuning found: a JSON file for each device, in the user's cache folder. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TableStore } from '../tuning/device_tuning';
import { complain } from './command';

type Environment = Readonly<Record<string, string | undefined>>;

/** XDG Base Directory Specification 0.8; on Windows as its programs do. */
export function tuningFolder(
  env: Environment = process.env,
  platform: string = process.platform,
  home = homedir(),
): string {
  const windows = platform === 'win32' && env.LOCALAPPDATA;
  return join(windows || env.XDG_CACHE_HOME || join(home, '.cache'), 'wanscope', 'tuning');
}

/** Says once what kept it from reading or writing; commands go on without. */
export function tuningFiles(folder: string, say: (text: string) => void = complain): TableStore {
  let said = false;
  const sayOnce = (text: string) => {
    if (!said) say(text);
    said = true;
  };
  const pathOf = (name: string) => join(folder, `${name}.json`);

  return {
    async read(name) {
      const path = pathOf(name);
      const found = await readFile(path, 'utf8').catch((failure: NodeJS.ErrnoException) => {
        if (failure.code !== 'ENOENT') sayOnce(`The tuning of this GPU could not be read: ${failure.message}.`);
        return null;
      });
      if (found === null) return undefined;
      try {
        return JSON.parse(found);
      } catch (failure) {
        sayOnce(`${path} is no JSON, so it is not used: ${(failure as Error).message}.`);
        return undefined;
      }
    },

    async write(name, table) {
      const path = pathOf(name);
      const part = `${path}.${process.pid}`;
      try {
        await mkdir(folder, { recursive: true });
        // Under another name first: who reads meanwhile sees the old one or the new one.
        await writeFile(part, `${JSON.stringify(table, null, 2)}\n`);
        await rename(part, path);
      } catch (failure) {
        sayOnce(
          `The tuning of this GPU could not be kept, so the next start tunes again: ${(failure as Error).message}.`,
        );
      }
    },
  };
}
