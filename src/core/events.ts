/**
 * The one stream of events a run emits. Progress bar, CLI line, timeline and
 * saved result all read it; nothing else reports progress.
 *
 * Times are milliseconds on the emitter's `performance.now()` clock.
 */
export type Stage = 'init' | 'roofs' | 'load' | 'encode' | 'image' | 'denoise' | 'decode' | 'sample' | 'verify';

export type RunEvent =
  /** A run begins; the stages it will go through, with their estimated shares of the time (sum 1). */
  | {
      type: 'run-begin';
      atMs: number;
      title: string;
      stages: { stage: Stage; share: number }[];
      estimateSeconds: number;
    }
  | { type: 'stage-begin'; atMs: number; stage: Stage; estimateSeconds: number }
  /** `done` of `total` units (steps, blocks, chunks, files) of the stage; `detail` is for the status line. */
  | { type: 'progress'; atMs: number; stage: Stage; done: number; total: number; detail: string; secondsLeft: number }
  | { type: 'stage-end'; atMs: number; stage: Stage; seconds: number }
  | { type: 'remark'; atMs: number; code: RemarkCode; text: string }
  | { type: 'run-end'; atMs: number; seconds: number };

/** Conditions that colour a result. They travel with it. */
export type RemarkCode =
  | 'software-adapter'
  | 'no-timestamps'
  | 'default-limits'
  | 'hidden-tab'
  | 'throttled'
  | 'contended'
  | 'sampled'
  | 'one-block-of-weights'
  | 'no-previews';

export type Emit = (event: RunEvent) => void;
