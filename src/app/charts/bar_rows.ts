/** Runs as rows of the stage bars, at one number of steps. */
import { cardName } from '../../compare/card';
import type { PlacedRun } from '../../compare/place_run';
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
      `${words.value.compare.table.case} ${number}`,
      words.value.kinds.published,
      ...(run.date ? [day(run.date, words.value)] : []),
      name,
    ],
    own: false,
    parts: partsOf(run, steps),
  };
}

function partsOf({ key, stages }: Ran, steps: number): BarPart[] {
  const { encode, image, step, decode } = stages;
  return [
    ...(encode ? [{ stage: 'encode' as const, figure: encode }] : []),
    ...(image ? [{ stage: 'image' as const, figure: image }] : []),
    ...(step ? [{ stage: 'denoise' as const, figure: denoiseAt(step, key.steps, steps) }] : []),
    ...(decode ? [{ stage: 'decode' as const, figure: decode }] : []),
  ];
}

export interface BarLabel {
  readonly label: string;
  readonly basis?: string;
  readonly notes: readonly string[];
  readonly own: boolean;
}

/** A row at the axis's work, and its gaps. Of a run that tells its whole alone, that; null: it tells nothing of itself. */
export function placedBar({ run, from, stages }: PlacedRun, steps: number, label: BarLabel): BarRow | null {
  const parts = partsOf({ key: from, stages }, steps);
  if (parts.length === 0)
    return stages.total && { id: run.id, ...label, parts: [{ stage: 'total', figure: stages.total }] };
  const missing = (['encode', 'denoise', 'decode'] as const).filter(
    (stage) => !parts.some((part) => part.stage === stage),
  );
  return { id: run.id, ...label, parts, missing };
}

/** A run of its own work and steps, with what came before: for rows that say so. */
export function wholeBar({ id, key, stages }: Run, label: BarLabel): BarRow {
  const load = stages.init ? [{ stage: 'load' as const, figure: stages.init }] : [];
  return { id, ...label, parts: [...load, ...partsOf({ key, stages }, key.steps ?? 0)] };
}
