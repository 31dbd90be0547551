/** Which clip a run is about: the one that was asked for, or the largest that its time allows. */
import { AppError } from '../core/errors';
import { mebibytes } from '../core/units';
import type { Preset } from './presets';
import type { StageSeconds } from './protocol';
import type { StageWork } from './work';

export interface Candidate {
  readonly preset: Preset;
  readonly work: StageWork;
  readonly foretold: StageSeconds;
}

export interface Choice extends Candidate {
  /** Will it be run? Not where nobody asked for it and it would take too long. */
  readonly fits: boolean;
}

/**
 * `steps`: all that will run. Of the candidates, smallest first, the named one, or the last whose clip stays within
 * `clipSeconds` and whose buffers the GPU binds; where none does the first, not fitting. Throws AppError limit-too-low.
 */
export function choosePreset(
  wanted: string | null,
  candidates: readonly Candidate[],
  { steps, clipSeconds, bindingBytes = Number.POSITIVE_INFINITY }: ChoiceLimits,
): Choice {
  const binds = ({ work }: Candidate) => work.memory.largest <= bindingBytes;
  const named = candidates.find(({ preset }) => preset.id === wanted);
  if (named && !binds(named))
    throw new AppError(
      'limit-too-low',
      `${named.preset.id} needs ${mebibytes(named.work.memory.largest)} in one buffer and this GPU binds at most ${mebibytes(bindingBytes)}. Choose a smaller size.`,
    );
  if (named) return { ...named, fits: true };
  if (wanted !== null)
    throw new AppError(
      'input-invalid',
      `There is no preset ${wanted}. Choose one of ${candidates.map(({ preset }) => preset.id).join(', ')}.`,
    );
  const seconds = ({ foretold: { encode, step, decode } }: Candidate) => encode + steps * step + decode;
  const best = candidates.findLast((candidate) => seconds(candidate) <= clipSeconds && binds(candidate));
  return best ? { ...best, fits: true } : { ...candidates[0]!, fits: false };
}

export interface ChoiceLimits {
  readonly steps: number;
  readonly clipSeconds: number;
  readonly bindingBytes?: number | undefined;
}
