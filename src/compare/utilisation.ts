/**
 * What a group's steps compute a second, against what its card could: the data
 * sheet's peak, a matrix product measured by others, or our own measured roofs.
 */

import { type Finding, type FindingValues, found } from '../core/findings';
import type { RunKey } from '../core/run';
import { decodeFlops, stepFlops } from '../core/wan_flops';
import { WAN22 } from '../core/wan22_name';
import type { Card } from './card';
import { cardOf } from './card';
import type { Group } from './group_runs';
import { arithmeticRoof } from './kernel_rows';
import type { Pair } from './pair_groups';
import { type Workload, workloadOf } from './workload';

export interface Rate {
  readonly flops: number;
  readonly seconds: number;
  readonly perSecond: number;
}

/** Of one card, where several shared the work. Null where the work is not fully known, or not Wan2.2's. */
export function stepRate({ runs, step }: Group): Rate | null {
  const { key } = runs[0]!;
  const work = wanWorkOf(key);
  return work && step ? rateOf(stepFlops(work, work) / (key.gpus ?? 1), step.seconds) : null;
}

export function decodeRate({ runs, decode }: Group): Rate | null {
  const { key } = runs[0]!;
  const work = wanWorkOf(key);
  if (!work || !decode || key.decoder !== 'vae' || (key.gpus ?? 1) > 1) return null;
  return rateOf(decodeFlops(work, work), decode.seconds);
}

export function wanWorkOf(key: RunKey): Workload | null {
  const work = workloadOf(key);
  return work?.model === WAN22 ? work : null;
}

const rateOf = (flops: number, seconds: number): Rate | null =>
  seconds > 0 ? { flops, seconds, perSecond: flops / seconds } : null;

export function utilisation(groups: readonly Group[], cards: readonly Card[]): Finding[] {
  const rows = groups.flatMap((group) => [...ofCard(group, 'step', cards), ...ofCard(group, 'decode', cards)]);
  return [...rows, ...notSaturated(rows)];
}

/** Against data sheets, where the card is known. */
function ofCard(group: Group, stage: 'step' | 'decode', cards: readonly Card[]): Finding[] {
  const rate = stage === 'step' ? stepRate(group) : decodeRate(group);
  const card = cardOf(group.runs[0]!.device.name, cards);
  if (!rate || !card) return [];
  return found('utilisation', {
    device: group.name,
    stage,
    ...rate,
    // The published decoder computes in 32 bits, which these peaks are not for.
    peak: stage === 'step' ? peakOf(card) : null,
    matmul: stage === 'step' ? (card.measured?.bf16FlopsPerSecond ?? null) : null,
    atMost: card.bf16AtMostFlopsPerSecond !== null,
  });
}

const peakOf = (card: Card) => card.bf16AtMostFlopsPerSecond ?? card.bf16FlopsPerSecond;

/** Below this share of a peak, arithmetic alone does not explain the time. */
const SATURATED = 0.8;

function notSaturated(rows: readonly Finding[]): Finding[] {
  const steps = rows.flatMap(({ code, values }) => (code === 'utilisation' && values.stage === 'step' ? values : []));
  const shares = (roof: 'peak' | 'matmul') =>
    steps.flatMap((values) => (values[roof] ? values.perSecond / values[roof] : []));
  const [peaks, products] = [shares('peak'), shares('matmul')];
  if (peaks.length === 0 || Math.max(...peaks) > SATURATED) return [];
  return found('not-saturated', {
    low: Math.min(...peaks),
    high: Math.max(...peaks),
    about: steps.some(({ peak, atMost }) => peak !== null && atMost),
    matmulLow: products.length > 0 ? Math.min(...products) : null,
    matmulHigh: products.length > 0 ? Math.max(...products) : null,
  });
}

/** Does a pair's ratio follow what the cards can compute, or what they can move? */
export function ratioAndPeaks(
  { base, other }: Pair,
  ratio: FindingValues['stage-ratio'],
  cards: readonly Card[],
): Finding[] {
  const [a, b] = [base, other].map((group) => cardOf(group.runs[0]!.device.name, cards));
  if (!a || !b || a === b || ratio.basis !== 'run') return [];
  const [slow, fast] = ratio.slow === base.name ? [a, b] : [b, a];
  const peak = over(peakOf(fast), peakOf(slow));
  const bandwidth = over(fast.bytesPerSecond, slow.bytesPerSecond);
  if (peak === null || bandwidth === null) return [];
  const away = (each: number) => Math.abs(Math.log(ratio.ratio / each));
  return found('ratio-and-peaks', {
    slow: ratio.slow,
    fast: ratio.fast,
    ratio: ratio.ratio,
    peak,
    peakAtMost: fast.bf16AtMostFlopsPerSecond !== null,
    matmul: over(fast.measured?.bf16FlopsPerSecond ?? null, slow.measured?.bf16FlopsPerSecond ?? null),
    bandwidth,
    watts: over(fast.watts, slow.watts),
    nearest: away(peak) < away(bandwidth) ? 'arithmetic' : 'bandwidth',
  });
}

const over = (a: number | null, b: number | null) => (a !== null && b !== null && b > 0 ? a / b : null);

/** Of runs that bring their own roofs. */
export function underRoof(group: Group): Finding[] {
  const { kernels, roofs } = group.runs[0]!;
  const rate = stepRate(group);
  if (!rate || !roofs) return [];
  const roof = arithmeticRoof(kernels, roofs);
  const type = roof === roofs.matrixFlopsPerSecond ? 'matrix' : 'f32';
  return found('roof', { device: group.name, perSecond: rate.perSecond, roof, share: rate.perSecond / roof, type });
}
