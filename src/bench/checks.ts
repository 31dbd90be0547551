/** What was measured whole beside what this run's slices foretold of it: how far a projection can be trusted here. */
import type { ComparisonKey, ProjectionCheck, Roofs } from '../core/result';
import type { RecorderOptions } from '../gpu/program';
import type { RunTime } from '../gpu/run';
import type { BlockTime } from './blocks';
import type { Choice } from './choose_preset';
import { measuredSteps, wallSeconds } from './figures';
import type { ClipTimes } from './measure';
import type { Preset } from './presets';
import { type Rates, secondsOf } from './rates';
import { stageWork } from './work';

export interface Checked {
  readonly settings: RecorderOptions;
  readonly roofs: Pick<Roofs, 'uploadBytesPerSecond'>;
  readonly rates: Rates;
  readonly choice: Choice;
  readonly clip: ClipTimes | null;
  readonly blocks: readonly BlockTime[];
  /** What a byte of weights that is brought adds; 0 unless given. */
  readonly feedSecondsPerByte?: number | undefined;
}

export function checksOf(
  { settings, roofs, rates, choice, clip, blocks, feedSecondsPerByte = 0 }: Checked,
  keyOf: (clip: Preset) => ComparisonKey,
): ProjectionCheck[] {
  const ofBlocks = blocks.map(
    ({ clip, figure }): ProjectionCheck => ({
      key: keyOf(clip),
      stage: 'block',
      measuredSeconds: figure.seconds,
      projectedSeconds: secondsOf(stageWork(clip, settings).block, rates),
    }),
  );
  if (!clip) return ofBlocks;
  const { work, preset } = choice;
  /** Weights that pass through take some time beside the kernels, and all of it where bringing them takes longer. */
  const withFeed = (seconds: number, runs: readonly RunTime[]) => {
    const bytes = runs.reduce((sum, { feed }) => sum + (feed?.bytes ?? 0), 0);
    return Math.max(seconds + bytes * feedSecondsPerByte, bytes / roofs.uploadBytesPerSecond);
  };
  const check = (stage: 'encode' | 'step' | 'decode', measuredSeconds: number, runs: readonly RunTime[]) => ({
    key: keyOf(preset),
    stage,
    measuredSeconds,
    projectedSeconds: withFeed(secondsOf(work[stage], rates), runs),
  });
  return [
    ...ofBlocks,
    check('encode', wallSeconds(clip.encode), clip.encode),
    check('step', measuredSteps(clip).seconds, clip.steps.at(-1) ?? []),
    check('decode', clip.decodeSeconds, clip.decode),
  ];
}
