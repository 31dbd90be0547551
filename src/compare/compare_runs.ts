/**
 * Two runs side by side, stage by stage, with a ratio where there can be one.
 *
 * Seconds are only divided where both sides did the same work. What ran is used
 * where it was the same; else what a result foretells of the other's workload;
 * else own seconds are scaled by the FLOPs of each stage, which makes them
 * derived. Where a workload is not known there is no ratio, and the row says why.
 */
import type { Figure } from '../core/result';
import { RUN_STAGES, type Run, type RunKey, type RunStage, type RunStages } from '../core/run';
import { totalAt } from './stage_sums';
import { type ScaledStage, sameWork, scaleFactors, workloadOf } from './workload';

export interface Difference {
  readonly field: keyof RunKey;
  /** Null: not stated. */
  readonly own: RunKey[keyof RunKey];
  readonly other: RunKey[keyof RunKey];
  /** Another amount of work. The others change the speed of the same work, and are named beside it. */
  readonly otherWork: boolean;
}

/**
 * Why a row has no ratio. `other-work`: and no formula scales this stage; `boundary`: it is not known that both sides'
 * clocks began and ended with the same; `other-steps`: wholes that cannot be taken apart ran different numbers of them.
 */
export type NoRatio =
  | 'missing'
  | 'unknown-work'
  | 'other-work'
  | 'boundary'
  | 'other-decoder'
  | 'other-steps'
  | 'no-time';

export type ComparedRow = {
  readonly stage: RunStage;
  readonly own: Figure | null;
  readonly other: Figure | null;
  /** By which own seconds were multiplied to be those of the other's workload; null where they stand as they were. */
  readonly factor: number | null;
} & (
  | {
      /** Own seconds over the other's: 41 means that the other is 41× faster. */ readonly ratio: number;
      readonly reason: null;
    }
  | { readonly ratio: null; readonly reason: NoRatio }
);

export interface Comparison {
  readonly own: Run;
  readonly other: Run;
  readonly basis: 'run' | 'projection' | 'scaled' | 'none';
  /** Whose figures stand in the rows: of what ran, or of what it foretells. Scaled figures are of `other`'s work, from `own`'s. */
  readonly keys: { readonly own: RunKey; readonly other: RunKey };
  /** Of a step; each row has its own. Null where nothing is scaled. */
  readonly factor: number | null;
  /** At which both totals are taken. Null: neither side states any. */
  readonly steps: number | null;
  readonly differences: readonly Difference[];
  readonly rows: readonly ComparedRow[];
}

interface Side {
  readonly key: RunKey;
  readonly stages: RunStages;
  readonly projected: boolean;
}

interface Pair {
  readonly own: Side;
  readonly other: Side;
  readonly basis: Comparison['basis'];
  readonly factors: Readonly<Record<ScaledStage, number>> | null;
}

/** `steps` is what both totals are taken at; without it, the other's own number. */
export function compareRuns(own: Run, other: Run, steps = other.key.steps ?? own.key.steps): Comparison {
  const pair = pairOf(own, other);
  const sameClock = own.timingBoundary !== null && own.timingBoundary === other.timingBoundary;
  return {
    own,
    other,
    basis: pair.basis,
    keys: { own: pair.own.key, other: pair.other.key },
    factor: pair.factors?.step ?? null,
    steps,
    differences: differencesOf(pair.own.key, pair.other.key),
    rows: RUN_STAGES.map((stage) => rowOf(stage, pair, steps, sameClock)),
  };
}

export const rowAt = ({ rows }: Comparison, stage: RunStage): ComparedRow => rows.find((row) => row.stage === stage)!;

/** Of all that either side ran or foretells: the same work, the less foretold the better; else what lies nearest. */
function pairOf(own: Run, other: Run): Pair {
  const pairs = sidesOf(other).flatMap((there) => sidesOf(own).map((here) => ({ own: here, other: there })));
  const worked = pairs.flatMap((pair) => {
    const from = workloadOf(pair.own.key);
    const to = workloadOf(pair.other.key);
    return from && to ? [{ ...pair, from, to }] : [];
  });
  const same = worked.find(({ from, to }) => sameWork(from, to));
  if (same) {
    const basis = same.own.projected || same.other.projected ? 'projection' : 'run';
    return { own: same.own, other: same.other, basis, factors: null };
  }
  const [nearest] = worked
    .flatMap(({ from, to, ...pair }) => {
      const factors = scaleFactors(from, to);
      return factors ? [{ ...pair, factors }] : [];
    })
    .sort((a, b) => Math.abs(Math.log(a.factors.step)) - Math.abs(Math.log(b.factors.step)));
  return nearest ? { ...nearest, basis: 'scaled' } : { ...pairs[0]!, basis: 'none', factors: null };
}

function sidesOf({ key, stages, projection }: Run): Side[] {
  return [{ key, stages, projected: false }, ...(projection ? [{ ...projection, projected: true }] : [])];
}

function rowOf(stage: RunStage, pair: Pair, steps: number | null, sameClock: boolean): ComparedRow {
  const { own, other, factor } = stage === 'total' ? totalsOf(pair, steps) : figuresOf(stage, pair);
  const reason = own && other ? obstacle(stage, pair, factor !== null, steps, sameClock) : 'missing';
  if (reason) return { stage, own, other, factor, ratio: null, reason };
  const ratio = own!.seconds / other!.seconds;
  if (!(Number.isFinite(ratio) && ratio > 0)) return { stage, own, other, factor, ratio: null, reason: 'no-time' };
  return { stage, own, other, factor, ratio, reason: null };
}

type RowFigures = Pick<ComparedRow, 'own' | 'other' | 'factor'>;

function figuresOf(stage: RunStage, { own, other, factors }: Pair): RowFigures {
  const figure = own.stages[stage];
  if (!figure || !factors || !isScaled(stage)) return { own: figure, other: other.stages[stage], factor: null };
  const seconds = figure.seconds * factors[stage];
  return { own: { kind: 'derived', seconds, samples: [] }, other: other.stages[stage], factor: factors[stage] };
}

const SCALED: readonly RunStage[] = ['encode', 'step', 'decode'] satisfies ScaledStage[];
const isScaled = (stage: RunStage): stage is ScaledStage => SCALED.includes(stage);

/** By the clock, if of that number of steps; else from their parts; else as the source says it, if of that number. */
function totalsOf(pair: Pair, steps: number | null): RowFigures {
  const { own, other, factors } = pair;
  if (steps === null) return { own: own.stages.total, other: other.stages.total, factor: null };
  const wholeOf = ({ key, stages }: Side) => {
    const told = key.steps === steps ? stages.total : null;
    return told?.kind === 'measured' ? told : (totalAt(stages, key.steps, steps) ?? told);
  };
  const ran = wholeOf(own);
  const whole = { own: ran, other: wholeOf(other), factor: null };
  if (!factors || !ran) return whole;
  const [encode, step, decode] = (['encode', 'step', 'decode'] as const).map((stage) => figuresOf(stage, pair).own);
  const total = totalAt({ encode: encode ?? null, step: step ?? null, decode: decode ?? null }, null, steps);
  return total ? { ...whole, own: { ...total, kind: 'derived' }, factor: total.seconds / ran.seconds } : whole;
}

/** What keeps two known figures of a stage from being divided. */
function obstacle(
  stage: RunStage,
  { own, other, basis }: Pair,
  isScaledRow: boolean,
  steps: number | null,
  sameClock: boolean,
): NoRatio | null {
  if (basis === 'none') return 'unknown-work';
  if (stage === 'init') return sameClock ? null : 'boundary'; // making weights up is not reading them from a disk
  if (basis === 'scaled' && !isScaledRow) return 'other-work';
  const hasDecode = stage === 'decode' || stage === 'total' || stage === 'wall';
  if (hasDecode && (own.key.decoder === null || own.key.decoder !== other.key.decoder)) return 'other-decoder';
  if (stage === 'total' && steps === null) return 'other-steps';
  if (stage === 'wall' && own.key.steps !== other.key.steps) return 'other-steps';
  return stage === 'wall' && !sameClock ? 'boundary' : null;
}

const WORK = ['model', 'width', 'height', 'frames', 'tokens', 'guidance', 'batch', 'decoder'] as const;
/** Steps are not work here: every total is taken at one number of them. */
const MANNER = [
  'steps',
  'promptTokens',
  'activations',
  'weights',
  'attention',
  'offload',
  'textEncoderOn',
  'gpus',
] as const;

function differencesOf(own: RunKey, other: RunKey): Difference[] {
  const differing = (fields: readonly (keyof RunKey)[], otherWork: boolean) =>
    fields
      .filter((field) => own[field] !== other[field])
      .map((field) => ({ field, own: own[field], other: other[field], otherWork }));
  return [...differing(WORK, true), ...differing(MANNER, false)];
}
