/** The published runs: 14 kB, fetched after the first paint. */
import { signal } from '@preact/signals-core';
import type { ReferenceFile, ReferenceRow } from '../../compare/reference_row';

export const references = signal<readonly ReferenceRow[] | 'loading' | 'failed'>('loading');

/** Rows to put in charts and sentences; none until they are there. */
export const referenceRows = (): readonly ReferenceRow[] =>
  typeof references.value === 'string' ? [] : references.value;

export async function loadReferences(): Promise<void> {
  try {
    const response = await fetch(new URL('reference/seed.json', document.baseURI));
    if (!response.ok) throw new Error(`${response.status} ${response.url}`);
    const file: ReferenceFile = await response.json();
    references.value = file.rows;
  } catch {
    references.value = 'failed';
  }
}
