/** The finding of a result in a sentence. Pure; text between ** is emphasised where it is shown. */
import type { ComparedRow, Comparison } from '../compare/comparison';
import { cardName } from '../compare/reference_row';
import type { Words } from '../words/en';
import { duration, times } from '../words/format';

export function headline(comparisons: readonly Comparison[], words: Words): string {
  const { headline: say } = words.result;
  const steps = comparisons.flatMap((comparison) => {
    const row = stepOf(comparison);
    return row.ratio === null ? [] : [{ card: cardName(comparison.reference.card), row, ratio: row.ratio }];
  });
  const first = steps[0];
  if (!first) return '';
  const { kind, seconds } = first.row.own;
  const own = (kind === 'measured' ? say.takes : say.would)(duration(seconds, words));
  const others = steps.map(({ card, row, ratio }) => {
    const time = duration(row.reference.seconds, words);
    if (isEqual(ratio)) return say.equal(card, time);
    return ratio > 1 ? say.faster(card, time, times(ratio, words)) : say.slower(card, time, times(1 / ratio, words));
  });
  return [own, ...others].join(say.join) + say.end;
}

export function ratioText(ratio: number | null, words: Words): string {
  const { ratio: say } = words.result;
  if (ratio === null) return say.none;
  if (isEqual(ratio)) return say.equal;
  return ratio > 1 ? say.faster(times(ratio, words)) : say.ownFaster(times(1 / ratio, words));
}

export const stepOf = ({ rows }: Comparison): ComparedRow => rows.find(({ stage }) => stage === 'step')!;

/** Runs of one card differ by this much. */
const isEqual = (ratio: number) => Math.abs(ratio - 1) < 0.03;
