/** What Compare sets side by side: one run, pinned, and the others that its reader wants to see, at one number of steps. */
import { computed, signal } from '@preact/signals-core';
import { cardName } from '../../compare/card';
import { oneACard } from '../../compare/one_a_card';
import { axisOf, type PlacedRun, placeRun } from '../../compare/place_run';
import { runOfSaved } from '../../compare/run_of';
import type { Run } from '../../core/run';
import { runTitle } from '../run_text';
import { keptRuns } from './own_runs';
import { referenceRuns } from './references';
import { opened, serverRuns, wanted } from './results';
import { words } from './settings';

export type RowGroup = 'own' | 'published' | 'imported' | 'servers';
export const ROW_GROUPS: readonly RowGroup[] = ['own', 'published', 'imported', 'servers'];

export interface Entry {
  readonly run: Run;
  readonly group: RowGroup;
  /** By this browser. What comes by a file or a link is its sender's word. */
  readonly madeHere: boolean;
}

/** Of our formats, and not made by this browser: what it says is its sender's word. */
export const isSenders = ({ run, madeHere }: Pick<Entry, 'run' | 'madeHere'>): boolean =>
  !madeHere && (run.origin === 'own' || run.origin === 'video');

export type Metric = 'step' | 'clip' | 'second' | 'cost';
export const METRICS: readonly Metric[] = ['step', 'clip', 'second', 'cost'];

export interface RowChoice {
  readonly hidden: readonly RowGroup[];
  /** As `cardName` writes it; null: all. */
  readonly card: string | null;
  readonly contended: boolean;
  /** Of the published runs all, and not one a card. */
  readonly all: boolean;
}

export const rowChoice = signal<RowChoice>({ hidden: [], card: null, contended: false, all: false });
export const metric = signal<Metric>('clip');
export const steps = signal(10);
export const scale = signal<'seconds' | 'percent'>('seconds');
/** For an hour of a card, by its name, in whatever money. In memory alone. */
export const prices = signal<ReadonlyMap<string, number>>(new Map());

/** For an hour of a run's card; null: not given. */
export const priceOf = (run: Run): number | null => prices.value.get(runTitle(run, words.value)) ?? null;

export const changeRows = (changes: Partial<RowChoice>): void => {
  rowChoice.value = { ...rowChoice.value, ...changes };
};

export const entries = computed<readonly Entry[]>(() => [
  ...keptRuns.value.map(({ run, madeHere }) => ({ run: runOfSaved(run), group: 'own' as const, madeHere })),
  ...opened.value.flatMap(({ runs }) => runs.map((run) => ({ run, group: 'imported' as const, madeHere: false }))),
  ...serverRuns.value.map((run) => ({ run, group: 'servers' as const, madeHere: false })),
  ...referenceRuns().map((run) => ({ run, group: 'published' as const, madeHere: false })),
]);

/** The one that was chosen; else the newest benchmark made here, else what was opened last, else a video. Never a published one unasked. */
export const ownEntry = computed<Entry | null>(() => {
  const all = entries.value;
  const results = all.filter(({ run }) => run.origin === 'own');
  return (
    all.find(({ run }) => run.id === wanted.value) ??
    results.find(({ madeHere }) => madeHere) ??
    results.findLast(({ group }) => group === 'imported') ??
    results[0] ??
    all.find(({ run }) => run.origin === 'video') ??
    null
  );
});

/** Those that can be hidden and shown: all but the pinned one. */
const others = computed(() => entries.value.filter((entry) => entry !== ownEntry.value));

export const groupCounts = computed(
  () => new Map(ROW_GROUPS.map((group) => [group, others.value.filter((entry) => entry.group === group).length])),
);

export const cards = computed(() =>
  [...new Set(others.value.map(({ run }) => cardName(run.device.name)).filter(Boolean))].sort(),
);

export const contendedCount = computed(() => others.value.filter(({ run }) => run.contended).length);

/** What was chosen: of every card all runs. */
export const chosenEntries = computed<readonly Entry[]>(() => {
  const { hidden, card, contended } = rowChoice.value;
  return others.value.filter(
    ({ run, group }) =>
      !hidden.includes(group) && (card === null || cardName(run.device.name) === card) && (contended || !run.contended),
  );
});

const wantedEntries = computed<readonly Entry[]>(() => {
  const chosen = chosenEntries.value;
  if (rowChoice.value.all) return chosen;
  const best = new Set(oneACard(chosen.filter(({ group }) => group === 'published').map(({ run }) => run)));
  return chosen.filter(({ group, run }) => group !== 'published' || run.contended || best.has(run));
});

/** Each row takes the page some 450 nodes. Beyond so many, of those that were opened only the first are shown. */
const MOST_ROWS = 200;

/** The rows beside the pinned one. */
export const otherEntries = computed<readonly Entry[]>(() => {
  const all = wantedEntries.value;
  let room = MOST_ROWS - all.filter(({ group }) => group !== 'imported').length;
  return all.length <= MOST_ROWS ? all : all.filter(({ group }) => group !== 'imported' || room-- > 0);
});

/** Shown or not. */
export const rowsWanted = computed(() => wantedEntries.value.length);

/** All rows, the pinned one first, at the axis's work. */
export const placed = computed<readonly PlacedRun[]>(() => {
  const others = otherEntries.value.map(({ run }) => run);
  const own = ownEntry.value ? [ownEntry.value.run] : [];
  const axis = axisOf(others) ?? axisOf(own);
  return [...own, ...others].map((run) => placeRun(run, axis, steps.value));
});
