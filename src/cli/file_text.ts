/** The text of a file that a command names. */
import { open } from 'node:fs/promises';
import { AppError } from '../core/errors';

export interface TextLimit {
  /** For the message: 'a file of runs'. */
  readonly what: string;
  readonly mostBytes: number;
}

/** Throws AppError file-invalid: it cannot be opened, is a folder, or is longer, which is told with both numbers. */
export async function fileText(path: string, { what, mostBytes }: TextLimit): Promise<string> {
  const file = await open(path, 'r').catch((cause) => {
    throw new AppError('file-invalid', `${path} cannot be opened (${cause.code}).`, { cause });
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new AppError('file-invalid', `${path} is not a file. Name the files in it.`);
    if (stat.size > mostBytes)
      throw new AppError('file-invalid', `${path} has ${stat.size} bytes; ${what} has ${mostBytes} at most.`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
