/** The event stream of a run, folded into what the progress panel shows. Pure. */
import type { Remark, RunEvent, Stage } from '../core/events';

export interface StageProgress {
  readonly stage: Stage;
  /** Of the estimated time; all shares sum to 1. */
  readonly share: number;
  /** 0–1. */
  readonly fraction: number;
}

export interface Progress {
  readonly title: string;
  readonly stages: readonly StageProgress[];
  readonly current: Stage | null;
  readonly done: number;
  readonly total: number;
  readonly detail: string;
  /** Median of the last five units of this stage; null until one has passed. */
  readonly unitSeconds: number | null;
  /** Never rises by less than a quarter, so that the text does not count up and down. */
  readonly secondsLeft: number | null;
  readonly seconds: number;
  /** Each once, in the order they came. */
  readonly remarks: readonly Remark[];
  /** When the last unit of the current stage ended, and how long the last ones took. */
  readonly marks: { readonly beganMs: number; readonly unitMs: number; readonly recent: readonly number[] };
}

export const NO_PROGRESS: Progress = {
  title: '',
  stages: [],
  current: null,
  done: 0,
  total: 0,
  detail: '',
  unitSeconds: null,
  secondsLeft: null,
  seconds: 0,
  remarks: [],
  marks: { beganMs: 0, unitMs: 0, recent: [] },
};

export function advance(progress: Progress, event: RunEvent): Progress {
  switch (event.type) {
    case 'run-begin':
      return {
        ...NO_PROGRESS,
        title: event.title,
        stages: normalised(event.stages),
        secondsLeft: event.estimateSeconds,
        marks: { beganMs: event.atMs, unitMs: event.atMs, recent: [] },
      };
    case 'stage-begin':
      return {
        ...progress,
        current: event.stage,
        done: event.from ?? 0,
        total: 0,
        detail: '',
        unitSeconds: null,
        seconds: (event.atMs - progress.marks.beganMs) / 1000,
        marks: { ...progress.marks, unitMs: event.atMs, recent: [] },
      };
    case 'progress':
      return moved(progress, event);
    case 'stage-end':
      return { ...progress, stages: withFraction(progress.stages, event.stage, 1) };
    case 'remark':
      return progress.remarks.some(({ code }) => code === event.code)
        ? progress
        : { ...progress, remarks: [...progress.remarks, { code: event.code, values: event.values } as Remark] };
    case 'run-end':
      return { ...progress, current: null, secondsLeft: 0, seconds: event.seconds };
    default:
      return event satisfies never;
  }
}

/** Said once, to screen readers: stages, tenths, the end. Steps would be noise. */
export type Milestone =
  | { readonly name: 'stage'; readonly stage: Stage }
  | { readonly name: 'percent'; readonly percent: number }
  | { readonly name: 'done' | 'stopped' | 'failed' };

/** What of the way from one to the other is worth saying; null where nothing is. */
export function milestoneBetween(before: Progress, progress: Progress): Milestone | null {
  const tenth = Math.floor(percentDone(progress) / 10);
  if (progress.current && progress.current !== before.current) return { name: 'stage', stage: progress.current };
  return tenth > Math.floor(percentDone(before) / 10) ? { name: 'percent', percent: tenth * 10 } : null;
}

export const percentDone = (progress: Progress): number => Math.floor(overall(progress) * 100);

/** 0–1 over all stages. */
export function overall({ stages }: Progress): number {
  return Math.min(
    stages.reduce((sum, { share, fraction }) => sum + share * fraction, 0),
    1,
  );
}

function moved(progress: Progress, event: RunEvent & { type: 'progress' }): Progress {
  const { stage, done, total, atMs } = event;
  // Parts of a unit move the bar; only whole ones tell how long one takes.
  const units = Math.floor(done) - (progress.current === stage ? Math.floor(progress.done) : 0);
  const recent =
    units > 0 ? [...progress.marks.recent, (atMs - progress.marks.unitMs) / units].slice(-5) : progress.marks.recent;
  return {
    ...progress,
    stages: withFraction(progress.stages, stage, total > 0 ? Math.min(done / total, 1) : 0),
    current: stage,
    done,
    total,
    detail: event.detail,
    unitSeconds: recent.length > 0 ? middle(recent) / 1000 : null,
    secondsLeft: steady(progress.secondsLeft, event.secondsLeft),
    seconds: (atMs - progress.marks.beganMs) / 1000,
    marks: { ...progress.marks, unitMs: units > 0 ? atMs : progress.marks.unitMs, recent },
  };
}

function steady(shown: number | null, next: number): number {
  if (shown === null || next <= shown || next > shown * 1.25) return next;
  return shown;
}

function withFraction(stages: readonly StageProgress[], stage: Stage, fraction: number): StageProgress[] {
  return stages.map((each) => (each.stage === stage ? { ...each, fraction: Math.max(each.fraction, fraction) } : each));
}

function normalised(stages: readonly { stage: Stage; share: number }[]): StageProgress[] {
  const sum = stages.reduce((total, { share }) => total + share, 0) || 1;
  return stages.map(({ stage, share }) => ({ stage, share: share / sum, fraction: 0 }));
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
