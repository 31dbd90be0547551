/**
 * A result beside a reference row, stage by stage.
 *
 * Seconds are only divided where both sides did the same work. What was run here
 * is used when it is the reference's workload; otherwise the result's projection
 * to that workload; otherwise there is no ratio, and the differences say why.
 */
import type { BenchmarkResult, ComparisonKey, Figure, Kind, StageFigures } from '../core/result';
import type { ReferenceRow } from './reference_row';

export type ComparedStage = 'init' | 'encode' | 'step' | 'decode' | 'total';

export interface Difference {
  readonly field: keyof ComparisonKey;
  readonly own: string | number | boolean;
  readonly reference: string | number | boolean;
  /** Another amount of work: no ratio. The others change the speed of the same work, and are named beside it. */
  readonly otherWork: boolean;
}

export interface ComparedRow {
  readonly stage: ComparedStage;
  readonly own: Figure;
  readonly reference: Figure;
  /** Own seconds over the reference's: 41 means that the reference is 41× faster. Null where the work differs. */
  readonly ratio: number | null;
}

export interface Comparison {
  readonly reference: ReferenceRow;
  /** Which of the result's two sets of figures stands in the rows. */
  readonly basis: 'run' | 'projection';
  readonly differences: readonly Difference[];
  readonly rows: readonly ComparedRow[];
}

export function compareRows(result: BenchmarkResult, references: readonly ReferenceRow[]): Comparison[] {
  return references.map((reference) => compareWith(result, reference));
}

function compareWith(result: BenchmarkResult, reference: ReferenceRow): Comparison {
  const ranTheSame = !differencesOf(result.key, reference.key).some(({ otherWork }) => otherWork);
  const basis = ranTheSame ? 'run' : 'projection';
  const { key, stages } = ranTheSame ? result : result.projection;
  const differences = differencesOf(key, reference.key);
  const sameWork = !differences.some(({ otherWork }) => otherWork);

  const own = { ...stages, total: totalAt(stages, key.steps, reference.key.steps) };
  const row = (stage: ComparedStage): ComparedRow => ({
    stage,
    own: own[stage],
    reference: reference.stages[stage],
    // Init here fills buffers with numbers; there it read 34 GB from a disk. Two seconds, no ratio.
    ratio: sameWork && stage !== 'init' ? ratioOf(own[stage].seconds, reference.stages[stage].seconds) : null,
  });
  return { reference, basis, differences, rows: (['init', 'encode', 'step', 'decode', 'total'] as const).map(row) };
}

/** Steps are not here: every total is taken at one number of steps (`totalAt`). */
const WORK = ['width', 'height', 'frames', 'tokens', 'guidance'] as const satisfies (keyof ComparisonKey)[];
const MANNER = [
  'steps',
  'promptTokens',
  'activations',
  'weights',
  'offload',
  'attention',
] as const satisfies (keyof ComparisonKey)[];

export function differencesOf(own: ComparisonKey, reference: ComparisonKey): Difference[] {
  const differing = (fields: readonly (keyof ComparisonKey)[], otherWork: boolean) =>
    fields
      .filter((field) => own[field] !== reference[field])
      .map((field) => ({ field, own: own[field], reference: reference[field], otherWork }));
  return [...differing(WORK, true), ...differing(MANNER, false)];
}

/** Encode, `steps` steps and decode. A step count other than the one that ran makes a derived figure. */
export function totalAt(stages: StageFigures, ranSteps: number, steps: number): Figure {
  if (steps === ranSteps) return stages.total;
  const denoise = denoiseAt(stages, ranSteps, steps);
  const parts = [stages.encode, denoise, stages.decode];
  return {
    kind: weakest(parts.map(({ kind }) => kind)),
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    samples: [],
  };
}

/** A sampled step was scaled to begin with; any other is no longer what ran once it is multiplied. */
export function denoiseAt(stages: StageFigures, ranSteps: number, steps: number): Figure {
  const { kind, seconds } = stages.step;
  const summed = stages.total.seconds - stages.encode.seconds - stages.decode.seconds;
  return steps === ranSteps
    ? { kind, seconds: summed > 0 ? summed : seconds * steps, samples: [] }
    : { kind: kind === 'sampled' ? kind : 'derived', seconds: seconds * steps, samples: [] };
}

const STRENGTH: readonly Kind[] = ['derived', 'sampled', 'published', 'measured'];

/** A sum is no better than its weakest part. */
export function weakest(kinds: readonly Kind[]): Kind {
  return STRENGTH.find((kind) => kinds.includes(kind)) ?? 'derived';
}

function ratioOf(own: number, reference: number): number | null {
  const ratio = own / reference;
  return Number.isFinite(ratio) && ratio > 0 ? ratio : null;
}
