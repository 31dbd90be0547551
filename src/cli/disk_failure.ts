/** What a failed write means to a user. */
import { access, rm } from 'node:fs/promises';
import { AppError } from '../core/errors';

/** storage-full or storage-failed, with the path; a failure that is the app's own already stays as it is. */
export function diskFailure(path: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path, cause);
  return new AppError('storage-failed', `${path} cannot be written (${code ?? message}). Choose another place.`, {
    cause,
  });
}

export const diskFull = (path: string, cause?: unknown): AppError =>
  new AppError('storage-full', `There is no room on the disk for ${path}. Free some, or choose another disk.`, {
    cause,
  });

/** Files are written under this name until they are whole, so that one that was there before is lost only to its successor. */
export const unfinished = (path: string): string => `${path}.part`;

export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export const remove = (path: string): Promise<void> => rm(path, { force: true });
