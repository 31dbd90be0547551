/** Runs as rows of the stage bars, at one number of steps. */
import { cardName } from '../../compare/card';
import { denoiseAt } from '../../compare/stage_sums';
import type { Run, RunKey, RunStages } from '../../core/run';
import { day } from '../../words/format';
import { words } from '../state/settings';
import type { BarPart, BarRow } from './stage_bars_layout';

interface Ran {
  readonly key: RunKey;
  readonly stages: RunStages;
}

export const notRunRow = (): BarRow => {
  const { thisGpu, notRun } = words.value.result;
  return { id: 'own', label: thisGpu, notes: [notRun], own: true, parts: null };
};

/** `ran` is what ran or what it foretells. */
export function ownRow({ id, device }: Run, ran: Ran, steps = ran.key.steps ?? 1): BarRow {
  const { thisGpu } = words.value.result;
  return { id, label: thisGpu, notes: [device.name], own: true, parts: partsOf(ran, steps) };
}

export function referenceBar(run: Run, steps: number): BarRow {
  // '01 Speed Preview 480p': the number first, for on a phone there is room for little else.
  const [number, ...rest] = run.name.split(' ');
  const name = rest.join(' ');
  return {
    id: run.id,
    label: cardName(run.device.name),
    notes: [
      `${words.value.compare.columns.case} ${number}`,
      words.value.kinds.published,
      ...(run.date ? [day(run.date, words.value)] : []),
      name,
    ],
    own: false,
    parts: partsOf(run, steps),
  };
}

function partsOf({ key, stages }: Ran, steps: number): BarPart[] {
  const { encode, step, decode } = stages;
  return [
    ...(encode ? [{ stage: 'encode' as const, figure: encode }] : []),
    ...(step ? [{ stage: 'denoise' as const, figure: denoiseAt(step, key.steps, steps) }] : []),
    ...(decode ? [{ stage: 'decode' as const, figure: decode }] : []),
  ];
}
