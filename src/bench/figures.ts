/** From runs of the GPU and rates of slices to the figures of stages. */
import { median } from '../core/median';
import type { Figure, StageFigures } from '../core/result';
import { WAN22_5B } from '../dit/config';
import type { RunTime } from '../gpu/run';
import type { ClipTimes } from './measure';
import { type Rates, sampledFigure, secondsOf } from './rates';
import type { StageWork } from './work';

type Stages = Pick<StageFigures, 'encode' | 'step' | 'decode'>;
type StagesAndTotal = Omit<StageFigures, 'init'>;

export function figureOf(samples: readonly number[], warmUp: readonly number[] = []): Figure {
  return { kind: 'measured', seconds: median(samples), samples, ...(warmUp.length > 0 && { warmUp }) };
}

export const wallSeconds = (runs: readonly RunTime[]): number => runs.reduce((sum, run) => sum + run.wallSeconds, 0);

/** Steps of a clip that was run, without the one that warmed up; all where there is only one. */
export function measuredSteps({ steps }: ClipTimes): Figure {
  const samples = steps.map(wallSeconds);
  return samples.length > 1 ? figureOf(samples.slice(1), samples.slice(0, 1)) : figureOf(samples);
}

export function measuredStages(clip: ClipTimes): Stages {
  return {
    encode: figureOf([wallSeconds(clip.encode)]),
    step: measuredSteps(clip),
    decode: figureOf([clip.decodeSeconds]),
  };
}

/** `block`, if one was run with this clip's tokens: then a step is thirty of them, and only what is around them is sampled. */
export function sampledStages({ encode, step, block, decode }: StageWork, rates: Rates, measured?: Figure): Stages {
  const sampled = sampledFigure(step, rates);
  const around = sampled.seconds - WAN22_5B.num_layers * secondsOf(block, rates);
  const ofBlocks = measured?.samples.map((seconds) => WAN22_5B.num_layers * seconds + around);
  return {
    encode: sampledFigure(encode, rates),
    step: ofBlocks ? { kind: 'sampled', seconds: median(ofBlocks), samples: ofBlocks } : sampled,
    decode: sampledFigure(decode, rates),
  };
}

export function withTotal(stages: Stages, steps: number): StagesAndTotal {
  const { encode, step, decode } = stages;
  const seconds = encode.seconds + steps * step.seconds + decode.seconds;
  return { ...stages, total: { kind: 'derived', seconds, samples: [] } };
}
