/** Files and addresses on the command line → runs; and the published runs and cards that come along. */
import { readFile } from 'node:fs/promises';
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
import { fileText } from './file_text';

const REFERENCE = join(dirname(fileURLToPath(import.meta.url)), '../../public/reference');

const reference = async <T>(name: string): Promise<T> => JSON.parse(await readFile(join(REFERENCE, name), 'utf8'));

export const readCards = async (): Promise<readonly Card[]> => (await reference<CardFile>('cards.json')).cards;

export const readReferences = async (): Promise<readonly Run[]> => (await reference<ReferenceFile>('runs.json')).runs;

/** Throws AppError with the file's name and the reason. */
export async function readRuns(location: string): Promise<readonly Run[]> {
  const isAddress = /^https?:\/\//i.test(location);
  const text = isAddress
    ? await fetchText(location, { limitBytes: IMPORT_LIMIT_BYTES })
    : await fileText(location, { what: 'a file of runs', mostBytes: IMPORT_LIMIT_BYTES });
  const source = isAddress ? addressSource(location) : { name: location, url: null };
  const imported = importRuns(text, source);
  if (!imported.ok) throw new AppError('file-invalid', `${source.name}: ${refusalText(imported.refusal, en)}`);
  if (imported.runs.length === 0) throw new AppError('file-invalid', `${source.name} holds no run.`);
  return imported.runs;
}
