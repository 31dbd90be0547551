/** The published runs that come with the page: public/reference/runs.json, made by tools/reference. */
import type { Run } from '../core/run';

export interface ReferenceFile {
  readonly schema: 'wanscope-references';
  readonly version: 2;
  readonly runs: readonly Run[];
}
