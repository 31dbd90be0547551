/**
 * The one stream of events a run emits. Progress bar, CLI line, timeline and
 * saved result all read it; nothing else reports progress.
 *
 * Times are milliseconds on the emitter's `nowMs()` clock.
 */
export type Stage =
  | 'init'
  | 'tune'
  | 'roofs'
  | 'load'
  | 'encode'
  | 'image'
  | 'denoise'
  | 'decode'
  | 'sample'
  | 'resample'
  | 'verify';

export type RunEvent =
  /** A run begins; the stages it will go through, with their estimated shares of the time (sum 1). */
  | {
      type: 'run-begin';
      atMs: number;
      title: string;
      stages: { stage: Stage; share: number }[];
      estimateSeconds: number;
    }
  /** `from`: units that an earlier run has done. */
  | { type: 'stage-begin'; atMs: number; stage: Stage; estimateSeconds: number; from?: number }
  /** `done` of `total` units (steps, blocks, chunks, files) of the stage, parts of one, too; `detail` is for the status line. */
  | { type: 'progress'; atMs: number; stage: Stage; done: number; total: number; detail: string; secondsLeft: number }
  | { type: 'stage-end'; atMs: number; stage: Stage; seconds: number }
  | ({ type: 'remark'; atMs: number } & Remark)
  | { type: 'run-end'; atMs: number; seconds: number };

/** Conditions that colour a result, with what their sentences tell. They travel with it. */
export interface RemarkValues {
  'software-adapter': { readonly adapter: string };
  'no-timestamps': Nothing;
  'default-limits': { readonly bindingBytes: number };
  'hidden-tab': Nothing;
  throttled: { readonly firstSeconds: number; readonly lastSeconds: number };
  contended: { readonly shortestSeconds: number; readonly longestSeconds: number };
  /** Before the run: of one small kernel, again and again. */
  'busy-before': { readonly shortestSeconds: number; readonly longestSeconds: number };
  /** A block of the reference's tokens would have taken longer than a run of this kind may. */
  'block-at-fewer-tokens': { readonly tokens: number; readonly referenceTokens: number };
  sampled: Nothing;
  'one-block-of-weights': Nothing;
  /** In the words of the error that ended them. */
  'no-previews': { readonly reason: string };
  /** The GPU refused memory; the run goes on within so much. */
  'less-memory': { readonly memoryBytes: number };
  /** So many did not fit into the link that it came by. */
  shortened: { readonly spans: number; readonly memorySamples: number };
}

/** Conditions of a run on a server. They are of a row, and in no result. */
export interface ServerRemarkValues {
  /** The same seed means other noise there. */
  'other-noise': Nothing;
  /** Settings that the server has no field for; it used its own. */
  'not-taken': { readonly settings: readonly ServerSetting[] };
  /** Settings that were sent, which older builds of the server pass over without a word. */
  'perhaps-ignored': { readonly settings: readonly ServerSetting[] };
  /** The wall time is this much too long on average: half the last pause between two questions. */
  'poll-bias': { readonly seconds: number };
  /** The server loaded its models during the run. */
  'cold-start': { readonly seconds: number };
  /** Others' jobs came first, for so long; the wall time leaves that out. */
  queued: { readonly seconds: number };
  /** The server tells no times of its stages. */
  'no-stage-times': Nothing;
  /** The job was finished, its video did not come: in the words of the error. */
  'no-video': { readonly reason: string };
}

/** What another engine may do in its own way. */
export type ServerSetting = 'solver' | 'schedule' | 'shift' | 'decoder' | 'image';

type Nothing = Readonly<Record<never, never>>;

export type RemarkCode = keyof RemarkValues;

type Of<Values> = { [Code in keyof Values]: { readonly code: Code; readonly values: Values[Code] } }[keyof Values];

/** The words are made where they are shown, in the reader's language. */
export type Remark = Of<RemarkValues>;
export type ServerRemark = Of<ServerRemarkValues>;

export type Emit = (event: RunEvent) => void;
