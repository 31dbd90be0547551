/** What state a stored model is in, and what a checkpoint's headers say it is good for. Pure. */
import type { Inspection } from '../../workers/engine_api';
import type { ModelState } from '../../workers/loader_api';
import { sumOf } from '../core/sum_of';

export type Network = Inspection['networks'][number]['network'];

export type ModelStatus =
  /** All there, and checked as far as it can be. */
  | 'complete'
  /** Some of it is to be fetched yet, or fetched and not checked. */
  | 'interrupted'
  /** The browser took some of it away. */
  | 'evicted'
  /** Arrived with another sum than its origin tells. */
  | 'wrong'
  /** Its record cannot be read. */
  | 'unusable';

export function statusOf({ usable, files }: ModelState): ModelStatus {
  if (!usable) return 'unusable';
  if (files.some(({ evicted }) => evicted)) return 'evicted';
  if (files.some(({ checked }) => checked === 'wrong')) return 'wrong';
  const isThere = files.every((file) => file.checked !== 'not-yet' && file.presentBytes >= file.wantedBytes);
  return isThere ? 'complete' : 'interrupted';
}

export const presentBytes = ({ files }: ModelState): number => sumOf(files, (file) => file.presentBytes);
export const wantedBytes = ({ files }: ModelState): number => sumOf(files, (file) => file.wantedBytes);
/** Of its files, what is not kept because only rows of it are read. */
export const leftOutBytes = ({ files }: ModelState): number => sumOf(files, (file) => file.bytes - file.wantedBytes);

/** How far its bytes are proven: against their origin's sum, in part, or not at all. */
export function proofOf({ files }: ModelState): 'sum' | 'no-sum' | 'partial' {
  if (files.some(({ checked }) => checked === 'partial')) return 'partial';
  return files.every(({ checked }) => checked === 'right') ? 'sum' : 'no-sum';
}

/** Types that no kernel decodes, with their bytes: nothing can be run with these. */
export const unreadableTypes = ({ networks }: Inspection): { dtype: string; bytes: number }[] =>
  networks.flatMap(({ types }) => types.filter(({ type }) => type === null));

/** Whether a network in it can be run. Of a video coder the decoder will do: without the encoder it takes no picture. */
export function canRun({ networks }: Inspection, wanted: Network): boolean {
  const found = networks.find(({ network }) => network === wanted);
  if (!found) return false;
  return (
    found.missing.every((name) => wanted === 'vae' && /^(encoder|conv1)\./.test(name)) &&
    found.differing.length === 0 &&
    found.types.every(({ type }) => type !== null)
  );
}
