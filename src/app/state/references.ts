/** The published runs: 100 kB, fetched after the first paint. */
import { signal } from '@preact/signals-core';
import type { ReferenceFile } from '../../compare/reference_file';
import type { Run } from '../../core/run';

export const references = signal<readonly Run[] | 'loading' | 'failed'>('loading');

/** Runs to put in charts and sentences; none until they are there. */
export const referenceRuns = (): readonly Run[] => (typeof references.value === 'string' ? [] : references.value);

export async function loadReferences(): Promise<void> {
  try {
    const response = await fetch(new URL('reference/runs.json', document.baseURI));
    if (!response.ok) throw new Error(`${response.status} ${response.url}`);
    const file: ReferenceFile = await response.json();
    references.value = file.runs;
  } catch {
    references.value = 'failed';
  }
}
