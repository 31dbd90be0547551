/** What tells a run from another of its id, whatever the file is called that it came by. */
import { canonicalJson } from '../core/canonical_json';
import type { Run } from '../core/run';

export const runContent = (run: Run): string => canonicalJson({ ...run, name: '', source: null });
