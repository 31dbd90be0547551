/** Stages added up: all steps of a run, and its whole, at any number of steps. A sum is as weak as its weakest part. */
import type { Figure, Kind } from '../core/result';
import type { RunStages } from '../core/run';

/** Of `ranSteps` steps. Any other number of them makes a derived figure; a sampled one was scaled to begin with. */
export function denoiseAt(step: Figure, ranSteps: number | null, steps: number): Figure {
  const { kind, samples } = step;
  if (steps === ranSteps && samples.length === steps && kind !== 'sampled')
    return { kind, seconds: samples.reduce((sum, seconds) => sum + seconds, 0), samples: [] };
  const asRan = steps === ranSteps || kind === 'sampled';
  return { kind: asRan ? kind : 'derived', seconds: step.seconds * steps, samples: [] };
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
