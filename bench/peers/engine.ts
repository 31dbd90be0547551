/** What `peers` asks of an engine, whoever made it: prepare a piece of work on the GPU, run it, show what came out. */
import type { Work } from './work';

export type EngineName = 'ours' | 'ort' | 'tfjs' | 'naive';

export interface Engine {
  readonly name: EngineName;
  /** Compiles, and puts operands on the GPU. Null where the engine has no such operation; throws where it should have. */
  prepare(work: Work): Promise<Prepared | null>;
}

export interface Prepared {
  /** Puts the work into the queue so many times over. May return before the GPU is done. */
  run(times: number): Promise<void>;
  /** The result of a run, in our layout (see work.ts). */
  result(): Promise<ArrayLike<number>>;
  release(): Promise<void>;
}
