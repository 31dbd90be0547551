/** The matrix of cases: what is ticked, what it would take, and its rows as they come. */
import { computed, signal } from '@preact/signals-core';
import type { CasePlan, CaseResult, CasesChoice } from '../../../workers/engine_api';
import type { RunEvent } from '../../core/events';
import * as engine from '../engine';
import { advance, NO_PROGRESS, type Progress } from '../progress';
import { type Failure, failureOf } from './failure';
import { machineState } from './machine';
import { GIB, MADE_UP, type MadeUp } from './streaming';
import { watchHidden } from './visibility';

export type CaseOffload = CasesChoice['offloads'][number];

/** Width and height are joined with the frames to clips; 121 frames are 5 s. */
export const CASE_TICKS = {
  sizes: ['64x64', '256x256', '640x352', '832x480', '1280x704'],
  frames: [5, 17, 33, 81, 121, 129, 161],
  weights: MADE_UP,
  offloads: ['resident', 'partial', 'stream'],
  batches: [1, 2, 4],
} as const satisfies Record<keyof CaseTicks, readonly unknown[]>;

export interface CaseTicks {
  readonly sizes: readonly string[];
  readonly frames: readonly number[];
  readonly weights: readonly MadeUp[];
  readonly offloads: readonly CaseOffload[];
  readonly batches: readonly number[];
}

export interface CasesForm {
  readonly when: 'off' | 'after' | 'alone';
  readonly ticks: CaseTicks;
  /** GPU memory for the transformer; null sets no bound. */
  readonly memoryGib: number | null;
}

const START: CaseTicks = {
  sizes: ['640x352'],
  frames: [17],
  weights: ['bf16'],
  offloads: ['resident', 'stream'],
  batches: [1],
};
/** A software adapter's steps take minutes at any larger size. */
const SOFTWARE_START: CaseTicks = { ...START, sizes: ['64x64'], frames: [5] };

const form = signal<{ readonly changes: Partial<CasesForm>; readonly ticks: Partial<CaseTicks> }>({
  changes: {},
  ticks: {},
});

export const casesForm = computed((): CasesForm => {
  const software = machineState.value.name === 'ready' && machineState.value.machine.software;
  const { changes, ticks } = form.value;
  return { when: 'off', memoryGib: null, ...changes, ticks: { ...(software ? SOFTWARE_START : START), ...ticks } };
});

export function changeCases(changes: Partial<Pick<CasesForm, 'when' | 'memoryGib'>>): void {
  form.value = { ...form.value, changes: { ...form.value.changes, ...changes } };
}

export function tickCases(ticks: Partial<CaseTicks>): void {
  form.value = { ...form.value, ticks: { ...form.value.ticks, ...ticks } };
}

/** Of each case, after one that warms up: enough that what strays from the middle shows. */
const CASE_STEPS = 3;

/** Null where nothing is ticked in some row, and so there is no case. */
export const casesChoice = computed((): CasesChoice | null => {
  const { ticks, memoryGib } = casesForm.value;
  const { sizes, frames, weights, offloads, batches } = ticks;
  if (Object.values(ticks).some((ticked) => ticked.length === 0)) return null;
  const presets = sizes.flatMap((size) => frames.map((count) => `${size}x${count}`));
  const memoryBytes = memoryGib === null ? null : Math.round(memoryGib * GIB);
  return { presets, weights, offloads, batches, memoryBytes, steps: CASE_STEPS };
});

export type CasesOutlook =
  | { readonly name: 'none' | 'planning' }
  | { readonly name: 'ready'; readonly choice: CasesChoice; readonly plans: readonly CasePlan[] }
  | { readonly name: 'impossible'; readonly failure: Failure };

/** The answer to the last choice that was asked about. */
const answer = signal<CasesOutlook>({ name: 'none' });

/** Of what is ticked now; 'planning' while the answer is about something else. */
export const casesOutlook = computed((): CasesOutlook => {
  const outlook = answer.value;
  if (outlook.name !== 'ready' || isSame(outlook.choice, casesChoice.value)) return outlook;
  return { name: 'planning' };
});

const isSame = (a: CasesChoice, b: CasesChoice | null) => JSON.stringify(a) === JSON.stringify(b);

let turn = 0;

/** An answer to an older question is dropped. */
export async function lookAtCases(choice: CasesChoice): Promise<void> {
  const mine = ++turn;
  if (answer.value.name !== 'ready') answer.value = { name: 'planning' };
  const next = await engine.planCases(choice).then(
    (plans): CasesOutlook => ({ name: 'ready', choice, plans }),
    (error): CasesOutlook => ({ name: 'impossible', failure: failureOf(error) }),
  );
  if (mine === turn) answer.value = next;
}

export interface Rows {
  readonly rows: readonly CaseResult[];
  /** All that were asked for, in the order in which they run. */
  readonly plans: readonly CasePlan[];
}

export type Matrix =
  | { readonly name: 'idle' }
  | (Rows & { readonly name: 'running'; readonly progress: Progress; readonly stopping: boolean })
  | (Rows & { readonly name: 'ended'; readonly how: 'done' | 'stopped' | Failure; readonly wasHidden: boolean });

export const matrix = signal<Matrix>({ name: 'idle' });

export interface MatrixListeners {
  readonly onProgress: (before: Progress, progress: Progress) => void;
  readonly onRows: (rows: readonly CaseResult[]) => void;
}

/** Resolves when it has ended, however: what was finished before a stop or a failure stays. */
export async function measureMatrix({ onProgress, onRows }: MatrixListeners): Promise<void> {
  const outlook = casesOutlook.value;
  if (outlook.name !== 'ready' || matrix.value.name === 'running') return;
  const { choice, plans } = outlook;
  matrix.value = { name: 'running', progress: NO_PROGRESS, stopping: false, rows: [], plans };
  const wasHidden = watchHidden();
  const running = (change: (state: Matrix & { name: 'running' }) => Matrix) => {
    if (matrix.value.name === 'running') matrix.value = change(matrix.value);
  };
  const follow = (event: RunEvent) =>
    running((state) => {
      const progress = advance(state.progress, event);
      onProgress(state.progress, progress);
      return { ...state, progress };
    });
  const take = (row: CaseResult) => {
    running((state) => ({ ...state, rows: [...state.rows, row] }));
    if (matrix.value.name === 'running') onRows(matrix.value.rows);
  };
  const end = (how: 'done' | 'stopped' | Failure) =>
    running(({ rows }) => ({ name: 'ended', how, rows, plans, wasHidden: wasHidden() }));
  try {
    await engine.measureCases(choice, follow, take);
    end('done');
  } catch (error) {
    const failure = failureOf(error);
    end(failure.code === 'cancelled' ? 'stopped' : failure);
  } finally {
    wasHidden();
  }
}

export async function stopMatrix(): Promise<void> {
  if (matrix.value.name !== 'running' || matrix.value.stopping) return;
  matrix.value = { ...matrix.value, stopping: true };
  await engine.stop();
}
