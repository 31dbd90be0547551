/** The page of the pipeline's tests: a worker that makes the golden files' clips in the engine's place. */
import { wrap } from 'comlink';
import { keepErrorCodes } from '../../../workers/error_transfer';
import type { Clips } from './clips';

keepErrorCodes();

const page = wrap<Clips>(new Worker(new URL('./clips.ts', import.meta.url), { type: 'module' }));
export type PipelinePage = typeof page;

declare global {
  var clips: PipelinePage;
}
globalThis.clips = page;
