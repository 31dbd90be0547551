/** The headline of a result: what one second of the published runs' video takes here, and how far that may stray. Pure. */

import { isReferenceWork } from '../compare/workload';
import { extent } from '../core/extent';
import type { Kind } from '../core/result';
import type { Run, RunKey, RunStages } from '../core/run';
import type { Words } from '../words/en';
import { duration, plusMinus, size } from '../words/format';

/** The rate that the model's videos are shown at. */
export const FRAMES_PER_SECOND = 24;

export interface VideoSecond {
  readonly seconds: number;
  /** From the shortest and the longest step; null where there was but one. */
  readonly low: number | null;
  readonly high: number | null;
  readonly kind: Kind;
  readonly key: RunKey;
}

/** What ran where that was the published clip, else what the run foretells of it. */
export const publishedClip = (run: Run) => (isReferenceWork(run.key) ? run : run.projection);

/** Null where the run foretells nothing, or its parts are not told apart. */
export function videoSecond(run: Run): VideoSecond | null {
  const clip = publishedClip(run);
  const { key, stages } = clip ?? { key: null, stages: null };
  if (!key?.frames || !key.steps || !stages?.step || !stages.total) return null;
  const { step, total } = stages as RunStages & { step: object; total: object };
  const of = (stepSeconds: number) =>
    ((total.seconds + key.steps! * (stepSeconds - step.seconds)) * FRAMES_PER_SECOND) / key.frames!;
  const several = step.samples.length > 1;
  const { min, max } = extent(step.samples);
  return {
    seconds: of(step.seconds),
    low: several ? of(min) : null,
    high: several ? of(max) : null,
    kind: total.kind === 'measured' ? 'measured' : step.kind,
    key,
  };
}

export function secondText({ seconds, low, high, kind, key }: VideoSecond, words: Words): string {
  const { second: say } = words.result;
  const stray = low !== null && high !== null ? Math.max(high - seconds, seconds - low) / seconds : null;
  const spread = stray === null ? '' : say.spread(plusMinus(stray));
  const name = key.height === 704 ? '720p' : size({ width: key.width!, height: key.height! });
  return (kind === 'measured' ? say.takes : say.would)(name, duration(seconds, words), spread);
}
