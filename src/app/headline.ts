/** The finding of a result in a sentence. Pure; text between ** is emphasised where it is shown. */
import { cardName } from '../compare/card';
import { type ComparedRow, type Comparison, rowAt } from '../compare/compare_runs';
import { isReferenceWork } from '../compare/workload';
import type { Words } from '../words/en';
import { duration, figures, times } from '../words/format';

/** What a result and a published run both have. */
export const SHOWN_STAGES = ['init', 'encode', 'step', 'decode', 'total'] as const;

export function headline(comparisons: readonly Comparison[], words: Words): string {
  const { headline: say } = words.result;
  // The sentence names the reference workload: what ran or is foretold of it, nothing that is scaled from other work.
  const steps = comparisons.flatMap((comparison) => {
    const { ratio, own, other } = rowAt(comparison, 'step');
    const isOf = comparison.basis !== 'scaled' && isReferenceWork(comparison.keys.other);
    if (ratio === null || !own || !other || !isOf) return [];
    return [{ card: cardName(comparison.other.device.name), own, other, ratio }];
  });
  const [first] = steps;
  if (!first) return '';
  const { kind, seconds } = first.own;
  const own = (kind === 'measured' ? say.takes : say.would)(duration(seconds, words));
  const others = steps.map(({ card, other, ratio }) => {
    const time = duration(other.seconds, words);
    if (isEqual(ratio)) return say.equal(card, time);
    return ratio > 1 ? say.faster(card, time, times(ratio, words)) : say.slower(card, time, times(1 / ratio, words));
  });
  return [own, ...others].join(say.join) + say.end;
}

/** How a ratio is said, the human way round. */
export type RatioWords = Words['result']['ratio'];

export function ratioText(
  { ratio, reason }: Pick<ComparedRow, 'ratio' | 'reason'>,
  words: Words,
  say: RatioWords = words.result.ratio,
): string {
  if (ratio === null) return words.comparison.noRatio[reason ?? 'missing'];
  if (isEqual(ratio)) return say.equal;
  return ratio > 1 ? say.faster(times(ratio, words)) : say.ownFaster(times(1 / ratio, words));
}

/** On what the ratios rest, where that is not plain from the kinds of the figures; '' where it is. */
export function basisText(
  { basis, factor, keys }: Comparison,
  words: Words,
  own: string = words.compare.thisGpu,
): string {
  const { basis: say } = words.comparison;
  if (basis === 'none') return say.none;
  return basis === 'scaled' ? say.scaled(own, figures(factor!), keys.own.frames!, keys.other.frames!) : '';
}

/** Runs of one card differ by this much. */
export const isEqual = (ratio: number) => Math.abs(ratio - 1) < 0.03;
