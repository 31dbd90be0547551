/** Files and addresses on the command line → runs; and the published runs and cards that come along. */
import { open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Card, CardFile } from '../compare/card';
import { IMPORT_LIMIT_BYTES, importRuns } from '../compare/import_runs';
import type { ReferenceFile } from '../compare/reference_file';
import { refusalText } from '../compare/refusal_text';
import { AppError } from '../core/errors';
import type { Run } from '../core/run';
import { addressSource, fetchText } from '../servers/fetch_text';
import { en } from '../words/en';

const REFERENCE = join(dirname(fileURLToPath(import.meta.url)), '../../public/reference');

const reference = async <T>(name: string): Promise<T> => JSON.parse(await readFile(join(REFERENCE, name), 'utf8'));

export const readCards = async (): Promise<readonly Card[]> => (await reference<CardFile>('cards.json')).cards;

export const readReferences = async (): Promise<readonly Run[]> => (await reference<ReferenceFile>('runs.json')).runs;

/** Throws AppError with the file's name and the reason. */
export async function readRuns(location: string): Promise<readonly Run[]> {
  const isAddress = /^https?:\/\//i.test(location);
  const text = isAddress ? await fetchText(location, { limitBytes: IMPORT_LIMIT_BYTES }) : await fileText(location);
  const imported = importRuns(text, isAddress ? addressSource(location) : { name: location, url: null });
  if (!imported.ok) throw new AppError('file-invalid', `${location}: ${refusalText(imported.refusal, en)}`);
  if (imported.runs.length === 0) throw new AppError('file-invalid', `${location} holds no run.`);
  return imported.runs;
}

async function fileText(path: string): Promise<string> {
  const file = await open(path, 'r').catch((cause) => {
    throw new AppError('file-invalid', `${path} cannot be opened (${cause.code}).`, { cause });
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new AppError('file-invalid', `${path} is not a file. Name the files in it.`);
    if (stat.size > IMPORT_LIMIT_BYTES) throw tooLarge(path, stat.size);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function tooLarge(name: string, bytes: number): AppError {
  const mebi = (count: number) => (count / 2 ** 20).toFixed(1);
  return new AppError(
    'file-invalid',
    `${name} has ${mebi(bytes)} MiB or more; a file of runs has ${mebi(IMPORT_LIMIT_BYTES)} MiB at most.`,
  );
}
