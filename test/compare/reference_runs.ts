/** The published runs that come with the page, as they are committed. */
import { readFile } from 'node:fs/promises';
import type { CardFile } from '../../src/compare/card';
import type { ReferenceFile } from '../../src/compare/reference_file';

const read = async (name: string) => JSON.parse(await readFile(`public/reference/${name}`, 'utf8'));

export const { runs: referenceRuns }: ReferenceFile = await read('runs.json');
export const { cards: referenceCards }: CardFile = await read('cards.json');

export function referenceRun(id: string) {
  const found = referenceRuns.find((run) => run.id === id);
  if (!found) throw new Error(`There is no published run ${id}.`);
  return found;
}
