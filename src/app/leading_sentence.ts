/** What Compare finds, in a sentence or two: how far the others are, and which stage makes most of that. Pure; text between ** is emphasised. */
import { type Comparison, rowAt } from '../compare/compare_runs';
import { gapOf } from '../compare/gap_of_totals';
import type { PlacedRun } from '../compare/place_run';
import type { Words } from '../words/en';
import { times } from '../words/format';
import { isEqual } from './headline';
import { clipText, footingText, runTitle } from './run_text';

export interface Leading {
  readonly sentence: string;
  /** What its ratios rest on; '' where all did the same work. */
  readonly footing: string;
}

/** `own` is what the pinned run is called inside a sentence. Null where nothing can be compared. */
export function leadingSentence(comparisons: readonly Comparison[], own: string, words: Words): Leading | null {
  const stage = comparisons.some((each) => rowAt(each, 'total').ratio !== null) ? 'total' : 'step';
  const said = extremes(
    comparisons.filter((each) => rowAt(each, stage).ratio !== null),
    stage,
  );
  const [first] = said;
  if (!first) return null;
  const { compare } = words;
  const { sentence: say } = compare;
  const parts = said.map((each) => part(each, stage, own, words)).join(compare.join);
  const rests = said.filter(({ basis }) => basis !== 'run');
  const footing = new Set(rests.map((each) => footingText(each, rowAt(each, stage).factor, words)));
  return {
    sentence: words.chart.together([
      stage === 'total' ? say.clip(first.steps!, parts) : say.step(parts),
      ...gapText(first, words),
    ]),
    footing: footing.size > 0 ? say.footing([...footing].join(compare.join)) : '',
  };
}

/** Without a run of one's own: the quickest of the rows against the slowest, of those that are of one work. */
export function sentenceOfOthers(rows: readonly PlacedRun[], steps: number, words: Words): string {
  const known = rows.filter(({ basis, stages }) => basis === 'run' && stages.total?.seconds);
  const sorted = [...known].sort((a, b) => a.stages.total!.seconds - b.stages.total!.seconds);
  const [fast, slow] = [sorted[0], sorted.at(-1)];
  if (!fast || !slow || fast === slow) return '';
  const ratio = slow.stages.total!.seconds / fast.stages.total!.seconds;
  const names = [runTitle(fast.run, words), runTitle(slow.run, words)] as const;
  return words.compare.sentence.between(...names, times(ratio, words), clipText(fast.to, words), steps);
}

/** The nearest and the quickest; one where they are the same. */
function extremes(comparisons: readonly Comparison[], stage: 'total' | 'step'): Comparison[] {
  const ratio = (each: Comparison) => rowAt(each, stage).ratio!;
  const near = [...comparisons].sort((a, b) => Math.abs(Math.log(ratio(a))) - Math.abs(Math.log(ratio(b))))[0];
  const fast = [...comparisons].sort((a, b) => ratio(b) - ratio(a))[0];
  return [...new Set([near, fast])].filter((each) => each !== undefined);
}

function part(comparison: Comparison, stage: 'total' | 'step', own: string, words: Words): string {
  const { sentence: say } = words.compare;
  const ratio = rowAt(comparison, stage).ratio!;
  const name = runTitle(comparison.other, words);
  if (isEqual(ratio)) return say.equal(name, own);
  return ratio > 1 ? say.faster(name, times(ratio, words)) : say.ownFaster(name, times(1 / ratio, words), own);
}

function gapText(comparison: Comparison, words: Words): string[] {
  const { sentence: say } = words.compare;
  const gap = gapOf(comparison);
  if (!gap || isEqual(rowAt(comparison, 'total').ratio!)) return [];
  const percent = Math.round(100 * Math.min(gap.share, 1));
  return [say.gap(runTitle(comparison.other, words), say.stages[gap.stage], percent)];
}
