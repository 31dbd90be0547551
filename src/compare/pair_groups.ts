/**
 * The slowest group, or the reader's own, against each of the others. Every
 * ratio comes out of `compareRuns`, which alone knows what may be divided by
 * what; here ratios are only turned the human way round and their range found.
 */

import { extent } from '../core/extent';
import { clipOf, type Finding, type FindingValues, type Footing, found } from '../core/findings';
import type { Figure } from '../core/result';
import type { Run, RunStage } from '../core/run';
import { type Comparison, compareRuns, rowAt } from './compare_runs';
import { type Case, deviceName, type Group } from './group_runs';
import { stepRate } from './utilisation';

export interface Pair {
  readonly base: Group;
  readonly other: Group;
  /** Each run of the base with each of the other, made once: of 150 runs they may be 5600. */
  readonly compared: readonly Comparison[];
}

/** One case that both groups ran in the same manner. */
export interface LikeCases {
  readonly base: Case;
  readonly other: Case;
  readonly compared: readonly Comparison[];
}

export const pairGroups = ([base, ...others]: readonly Group[]): Pair[] =>
  base ? others.map((other) => ({ base, other, compared: compareAll(base.runs, other.runs) })) : [];

const compareAll = (runs: readonly Run[], others: readonly Run[]) =>
  runs.flatMap((own) => others.map((other) => compareRuns(own, other)));

const OWN: readonly Run['origin'][] = ['own', 'video'];

const isOwn = ({ runs }: Group) => runs.some(({ origin }) => OWN.includes(origin));

/**
 * Which groups sentences are about: the reader's own, and of every other card the one that was run most. First stands
 * the reader's first, or else what computes least a second.
 */
export function leadingGroups(groups: readonly Group[]): Group[] {
  const own = groups.filter(isOwn);
  const cards = new Map<string, Group>();
  for (const group of groups) {
    const card = deviceName(group.runs[0]!);
    const held = cards.get(card);
    if (!isOwn(group) && weight(group) > (held ? weight(held) : -1)) cards.set(card, group);
  }
  const rate = (group: Group) => stepRate(group)?.perSecond ?? Number.POSITIVE_INFINITY;
  // Cards of unknown rate stay in their order: infinity less infinity is no number.
  return [...own, ...[...cards.values()].sort((a, b) => (rate(a) === rate(b) ? 0 : rate(a) - rate(b)))];
}

/** Groups that can be compared go before those that cannot. */
const weight = (group: Group) => group.runs.length + (stepRate(group) ? 1000 : 0);

export function likeCases({ base, other }: Pair): LikeCases[] {
  const isLike = (a: Case, b: Case) => {
    const { basis, differences } = compareRuns(a.run, b.run);
    return basis === 'run' && differences.length === 0;
  };
  return base.cases.flatMap((a) =>
    other.cases.filter((b) => isLike(a, b)).map((b) => ({ base: a, other: b, compared: compareAll(a.runs, b.runs) })),
  );
}

/** Null where the two share no footing on which this stage could be compared. */
export function stageRatio({ base, other, ...pair }: Pair, stage: 'step' | 'decode'): StageRatio | null {
  const compared = pair.compared.filter(hasRatio(stage));
  const [first] = compared;
  if (!first) return null;
  const row = rowAt(first, stage);
  // Medians over all runs where all stand as they ran; else the figures that stand in the row.
  const [ours, theirs] = first.basis === 'run' ? [base[stage], other[stage]] : [row.own, row.other];
  return humanWay(
    footingOf(base, first, stage),
    [base.name, ours ?? row.own],
    [other.name, theirs ?? row.other],
    compared.map((each) => rowAt(each, stage).ratio!),
  );
}

/** One stage of two like cases, medians over the runs of each. */
export function caseRatio(pair: Pair, { base, other, compared }: LikeCases, stage: RunStage): StageRatio | null {
  const whole = compareRuns(base.run, other.run);
  const each = compared.filter(hasRatio(stage));
  if (!hasRatio(stage)(whole)) return null;
  const { own, other: theirs } = rowAt(whole, stage);
  return humanWay(
    footingOf(pair.base, whole, stage),
    [pair.base.name, own],
    [pair.other.name, theirs],
    each.map((comparison) => rowAt(comparison, stage).ratio!),
  );
}

type StageRatio = FindingValues['stage-ratio'];
type Footed = Comparison & { readonly basis: 'run' | 'projection' | 'scaled' };

const hasRatio =
  (stage: RunStage) =>
  (comparison: Comparison): comparison is Footed =>
    comparison.basis !== 'none' && rowAt(comparison, stage).ratio !== null;

const footingOf = (base: Group, comparison: Footed, stage: RunStage) => ({
  stage,
  base: base.name,
  basis: comparison.basis,
  factor: rowAt(comparison, stage).factor,
  ran: clipOf(comparison.own.key),
  from: clipOf(comparison.keys.own),
  to: clipOf(comparison.keys.other),
});

/** `ratios` are the base's seconds over the other's. */
function humanWay(
  footing: Footing & { readonly stage: RunStage },
  [baseName, base]: [string, Figure | null],
  [otherName, other]: [string, Figure | null],
  ratios: readonly number[],
): StageRatio | null {
  if (!base || !other) return null;
  const isSlower = base.seconds >= other.seconds;
  const turned = isSlower ? ratios : ratios.map((ratio) => 1 / ratio);
  const [slow, fast] = isSlower ? [base, other] : [other, base];
  const { min: low, max: high } = extent(turned);
  return {
    ...footing,
    slow: isSlower ? baseName : otherName,
    fast: isSlower ? otherName : baseName,
    slowSeconds: slow.seconds,
    fastSeconds: fast.seconds,
    ratio: slow.seconds / fast.seconds,
    low,
    high,
  };
}

/** From start to end by the clock, over all runs of the same number of steps of the same work, however offloaded. */
export function wholeRatio({ base, other, compared }: Pair): Finding[] {
  const ratios = compared.flatMap((comparison) => {
    const { basis, differences } = comparison;
    const { ratio } = rowAt(comparison, 'wall');
    const isLike = basis === 'run' && differences.every(({ field }) => field === 'offload');
    return isLike && ratio !== null ? [ratio] : [];
  });
  if (ratios.length === 0) return [];
  const isSlower = extent(ratios).max >= 1;
  const turned = isSlower ? ratios : ratios.map((ratio) => 1 / ratio);
  const { min: low, max: high } = extent(turned);
  return found('whole-ratio', {
    slow: isSlower ? base.name : other.name,
    fast: isSlower ? other.name : base.name,
    low,
    high,
    pairs: ratios.length,
  });
}
