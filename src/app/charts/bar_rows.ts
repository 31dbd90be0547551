/** Results and published runs as rows of the stage bars, at one number of steps. */
import { denoiseAt } from '../../compare/comparison';
import { cardName, type ReferenceRow } from '../../compare/reference_row';
import type { BenchmarkResult, ComparisonKey, StageFigures } from '../../core/result';
import { day } from '../../words/format';
import { words } from '../state/settings';
import type { BarPart, BarRow } from './stage_bars_layout';

interface Ran {
  readonly key: ComparisonKey;
  readonly stages: StageFigures;
}

export const notRunRow = (): BarRow => {
  const { thisGpu, notRun } = words.value.result;
  return { id: 'own', label: thisGpu, notes: [notRun], own: true, parts: null };
};

export function ownRow(result: BenchmarkResult, ran: Ran, steps = ran.key.steps): BarRow {
  const { thisGpu } = words.value.result;
  return { id: result.id, label: thisGpu, notes: [result.machine.adapter], own: true, parts: partsOf(ran, steps) };
}

export function referenceBar(row: ReferenceRow, steps: number): BarRow {
  // '01 Speed Preview 480p': the number first, for on a phone there is room for little else.
  const [number, ...rest] = row.caseName.split(' ');
  const name = rest.join(' ');
  return {
    id: row.id,
    label: cardName(row.card),
    notes: [
      `${words.value.compare.columns.case} ${number}`,
      words.value.kinds.published,
      day(row.date, words.value),
      name,
    ],
    own: false,
    parts: partsOf(row, steps),
  };
}

function partsOf({ key, stages }: Ran, steps: number): BarPart[] {
  return [
    { stage: 'encode', figure: stages.encode },
    { stage: 'denoise', figure: denoiseAt(stages, key.steps, steps) },
    { stage: 'decode', figure: stages.decode },
  ];
}
