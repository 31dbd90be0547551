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
  /** By which share of it it may be off: how far steps scatter, or how far they were foretold wrong, whichever is more; null where neither is known. */
  readonly stray: number | null;
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
  const at = (stepSeconds: number) =>
    ((total.seconds + key.steps! * (stepSeconds - step.seconds)) * FRAMES_PER_SECOND) / key.frames!;
  const seconds = at(step.seconds);
  const { min, max } = extent(step.samples);
  const off = (stepSeconds: number) => Math.abs(at(stepSeconds) - seconds) / seconds;
  const strays = stepMisses(run).map((ratio) => off(step.seconds * ratio));
  if (step.samples.length > 1) strays.push(off(max), off(min));
  return {
    seconds,
    stray: strays.length > 0 ? Math.max(...strays) : null,
    kind: total.kind === 'measured' ? 'measured' : step.kind,
    key,
  };
}

/**
 * Measured over foretold seconds of steps, and of blocks, that were both. None where the clip ran itself, or blocks of it, on
 * which its step then rests.
 */
export function stepMisses(run: Run): number[] {
  const clip = publishedClip(run);
  if (!clip || clip === run) return [];
  const ofSteps = run.checks.filter(({ stage }) => stage === 'step' || stage === 'block');
  if (ofSteps.some(({ stage, key }) => stage === 'block' && key.tokens === clip.key.tokens)) return [];
  return ofSteps
    .map(({ measuredSeconds, projectedSeconds }) => measuredSeconds / projectedSeconds)
    .filter((ratio) => ratio > 0 && ratio < Number.POSITIVE_INFINITY); // of an opened file either may be 0
}

export function secondText({ seconds, stray, kind, key }: VideoSecond, words: Words): string {
  const { second: say } = words.result;
  const spread = stray === null ? '' : say.spread(plusMinus(stray));
  const name = key.height === 704 ? '720p' : size({ width: key.width!, height: key.height! });
  return (kind === 'measured' ? say.takes : say.would)(name, duration(seconds, words), spread);
}
