/**
 * The events of a run, with the time it has left: at first as planned, then by
 * how much slower or faster than planned it turns out to be.
 */
import { nowMs } from './clock';
import type { Emit, Stage } from './events';
import { median } from './median';

export interface PlannedStage {
  readonly stage: Stage;
  readonly seconds: number;
}

export interface RunEvents {
  /** Ends the stage before it. `done`: units that were done before this run; the plan is of the others. */
  begin(stage: Stage, done?: number): void;
  /** `done` of `total` units of the stage that began last; parts of a unit, too. */
  progress(done: number, total: number, detail: string): void;
  end(): void;
}

/** Units that the speed of a stage is taken from. The first of all has pipelines to compile, so it is soon outvoted. */
const RECENT = 5;
/** Less of the plan than this is done too soon to judge the rest by. */
const LEAST_SHARE = 0.02;

/** Emits run-begin at once. `now`: milliseconds. */
export function runEvents(
  emit: Emit,
  title: string,
  planned: readonly PlannedStage[],
  now: () => number = nowMs,
): RunEvents {
  const began = now();
  const all = planned.reduce((sum, { seconds }) => sum + seconds, 0);
  const secondsOf = (stage: Stage) => planned.find((each) => each.stage === stage)?.seconds ?? 0;
  let current: { stage: Stage; atMs: number; from: number } | null = null;
  let units: { done: number; atMs: number; recentMs: number[] } = { done: 0, atMs: began, recentMs: [] };
  let finished = { planned: 0, seconds: 0 };

  emit({
    type: 'run-begin',
    atMs: began,
    title,
    stages: planned.map(({ stage, seconds }) => ({ stage, share: all > 0 ? seconds / all : 1 / planned.length })),
    estimateSeconds: all,
  });

  /** Measured over planned seconds of what is finished. */
  const slowness = () => (finished.planned > LEAST_SHARE * all ? finished.seconds / finished.planned : 1);
  const later = () => {
    const at = planned.findIndex(({ stage }) => stage === current?.stage);
    return planned.slice(at + 1).reduce((sum, { seconds }) => sum + seconds, 0);
  };
  const endStage = () => {
    if (!current) return;
    const atMs = now();
    const seconds = (atMs - current.atMs) / 1000;
    finished = { planned: finished.planned + secondsOf(current.stage), seconds: finished.seconds + seconds };
    emit({ type: 'stage-end', atMs, stage: current.stage, seconds });
    current = null;
  };

  return {
    begin(stage, done = 0) {
      endStage();
      const atMs = now();
      current = { stage, atMs, from: done };
      units = { done, atMs, recentMs: [] };
      emit({ type: 'stage-begin', atMs, stage, estimateSeconds: secondsOf(stage) * slowness(), from: done });
    },

    progress(done, total, detail) {
      if (!current) return;
      const atMs = now();
      const more = Math.floor(done) - units.done; // a part of a unit does not tell how long one takes
      if (more > 0)
        units = {
          done: units.done + more,
          atMs,
          recentMs: [...units.recentMs, (atMs - units.atMs) / more].slice(-RECENT),
        };
      const { stage, from } = current;
      const left = Math.max(0, total - done);
      const ofPlan = total > from ? (secondsOf(stage) * left) / (total - from) : 0;
      const ofStage = units.recentMs.length > 0 ? (left * median(units.recentMs)) / 1000 : ofPlan * slowness();
      // What the stage shows so far speaks for the ones after it, too.
      const ahead = finished.planned + secondsOf(stage) - ofPlan;
      const pace = ahead > LEAST_SHARE * all ? (atMs - began) / 1000 / ahead : 1;
      emit({ type: 'progress', atMs, stage, done, total, detail, secondsLeft: ofStage + later() * pace });
    },

    end() {
      endStage();
      const atMs = now();
      emit({ type: 'run-end', atMs, seconds: (atMs - began) / 1000 });
    },
  };
}
