/** Stages added up: all steps of a run, and its whole, at any number of steps. A sum is as weak as its weakest part. */
import type { Figure, Kind } from '../core/result';
import type { RunStages } from '../core/run';

/**
 * Of a clip of `ranSteps` steps. Where every one of them is told it is their sum; where some are, they stand for all,
 * which is derived, as is any other number of steps. A sampled step was scaled to begin with.
 */
export function denoiseAt(step: Figure, ranSteps: number | null, steps: number): Figure {
  const { kind, seconds, samples, warmUp = [] } = step;
  const told = [...warmUp, ...samples];
  const asRan = steps === ranSteps && kind !== 'sampled';
  if (asRan && told.length === steps) return { kind, seconds: told.reduce((sum, each) => sum + each, 0), samples: [] };
  const isOfAll = kind === 'sampled' || (asRan && told.length === 0);
  return { kind: isOfAll ? kind : 'derived', seconds: seconds * steps, samples: [] };
}

/** Encode, `steps` steps and decode. Null where a part is not known. */
export function totalAt(
  { encode, step, decode }: Pick<RunStages, 'encode' | 'step' | 'decode'>,
  ranSteps: number | null,
  steps: number,
): Figure | null {
  if (!encode || !step || !decode) return null;
  const parts = [encode, denoiseAt(step, ranSteps, steps), decode];
  return {
    kind: weakest(parts.map(({ kind }) => kind)),
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    samples: [],
  };
}

const STRENGTH: readonly Kind[] = ['derived', 'sampled', 'published', 'measured'];

export function weakest(kinds: readonly Kind[]): Kind {
  return STRENGTH.find((kind) => kinds.includes(kind)) ?? 'derived';
}
