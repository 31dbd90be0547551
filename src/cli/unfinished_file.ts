/** A stopped run beside the video it was to become, so that the same command goes on. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { AppError } from '../core/errors';
import { readUnfinished, type Unfinished, writeUnfinished } from '../generate/unfinished';
import { diskFailure } from './disk_failure';

export const unfinishedPath = (out: string) => `${out.replace(/\/+$/, '')}.unfinished`;

/** Null where there is none. Throws file-invalid for one that cannot be read. */
export async function openUnfinished(out: string): Promise<Unfinished | null> {
  const path = unfinishedPath(out);
  const bytes = await readFile(path).catch((cause) => {
    if (cause.code === 'ENOENT') return null;
    throw new AppError('file-invalid', `${path} cannot be opened (${cause.code}). --fresh begins anew.`, { cause });
  });
  try {
    return bytes && readUnfinished(bytes, path);
  } catch (failure) {
    if (!(failure instanceof AppError)) throw failure;
    throw new AppError(failure.code, `${failure.message} --fresh begins anew.`, { cause: failure });
  }
}

/** Whole or not at all: a crash while it is written leaves the one before. */
export async function saveUnfinished(out: string, unfinished: Unfinished): Promise<void> {
  const path = unfinishedPath(out);
  const aside = `${path}.${process.pid}`;
  try {
    await writeFile(aside, writeUnfinished(unfinished));
    await rename(aside, path);
  } catch (cause) {
    await rm(aside, { force: true });
    throw diskFailure(path, cause);
  }
}

export const removeUnfinished = (out: string): Promise<void> => rm(unfinishedPath(out), { force: true });
