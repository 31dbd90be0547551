/** The benchmark, from Start to its result, Stop or failure: a run of one of the modes, the cases, or one after the other. */
import { computed, signal } from '@preact/signals-core';
import type { WholeWeights } from '../../../workers/engine_api';
import { nowMs } from '../../core/clock';
import type { BenchmarkResult, CaseResult } from '../../core/result';
import type { PresetEstimate } from '../../core/run_plan';
import { peakOfStages } from '../../core/stage_memory';
import * as engine from '../engine';
import { advance, type Milestone, milestoneBetween, NO_PROGRESS, type Progress } from '../progress';
import { casesForm, casesOutlook, matrix, measureMatrix, stopMatrix } from './cases';
import { type Failure, failureOf } from './failure';
import { lookAtMachine, planAnew } from './machine';
import { changeResult } from './own_runs';
import { keepResult } from './results';
import { GIB } from './streaming';
import { watchHidden } from './visibility';

export type Mode = BenchmarkResult['mode'];

export type Run =
  | { readonly name: 'idle' }
  | { readonly name: 'running'; readonly progress: Progress; readonly stopping: boolean }
  | { readonly name: 'stopped'; readonly progress: Progress; readonly seconds: number }
  | { readonly name: 'failed'; readonly failure: Failure }
  | { readonly name: 'done'; readonly result: BenchmarkResult };

export const run = signal<Run>({ name: 'idle' });

export interface Choice {
  readonly mode: Mode;
  /** Null: the engine takes the largest that the mode's time allows. */
  readonly preset: string | null;
  /** Null: as many as the mode usually has. */
  readonly steps: number | null;
  /** GPU memory that Full may take; null takes what there is. */
  readonly memoryGib: number | null;
  /** Of Full. */
  readonly weights: WholeWeights;
}

export const choice = signal<Choice>({ mode: 'quick', preset: null, steps: null, memoryGib: null, weights: 'bf16' });

/** What was chosen for one mode says nothing about another. */
export function chooseMode(mode: Mode): void {
  choice.value = { ...choice.value, mode, preset: null, steps: null };
}

export const milestone = signal<Milestone | null>(null);

/** What the one button stops. */
export const underWay = computed(() => {
  if (run.value.name === 'running') return run.value;
  return matrix.value.name === 'running' ? matrix.value : null;
});

/** Something has run: the button begins it again. */
export const hasRun = computed(() => run.value.name !== 'idle' || matrix.value.name !== 'idle');

export async function start(): Promise<void> {
  if (underWay.value) return;
  milestone.value = null;
  const { when } = casesForm.value;
  if (when === 'alone') return measureCases();
  matrix.value = { name: 'idle' };
  const result = await measureMode();
  if (!result) return;
  // Begun at once, so that the button stays what it is.
  const cases = when === 'after' && casesOutlook.value.name === 'ready' ? measureCases() : null;
  if (!cases) milestone.value = { name: 'done' };
  await Promise.all([keepResult(result), cases]);
}

async function measureMode(): Promise<BenchmarkResult | null> {
  const beganMs = nowMs();
  run.value = { name: 'running', progress: NO_PROGRESS, stopping: false };
  const wasHidden = watchHidden();
  const { memoryGib, weights, ...chosen } = choice.value;
  try {
    const full = { weights, memoryBytes: memoryGib === null ? null : memoryGib * GIB };
    const measured = await engine.benchmark({ ...chosen, ...(chosen.mode === 'full' && full) }, (event) => {
      if (run.value.name !== 'running') return;
      const progress = advance(run.value.progress, event);
      reach(run.value.progress, progress);
      run.value = { ...run.value, progress };
    });
    const result = wasHidden() ? withHiddenTab(measured) : measured;
    run.value = { name: 'done', result };
    return result;
  } catch (error) {
    const failure = failureOf(error);
    const progress = run.value.name === 'running' ? run.value.progress : NO_PROGRESS;
    if (failure.code === 'cancelled') {
      run.value = { name: 'stopped', progress, seconds: (nowMs() - beganMs) / 1000 };
      milestone.value = { name: 'stopped' };
    } else {
      run.value = { name: 'failed', failure };
      milestone.value = { name: 'failed' };
    }
    return null;
  } finally {
    wasHidden();
    if (run.value.name !== 'failed') void planAnew(); // after a failure the machine is looked at anew
  }
}

/** They join the result that this page has just made; else they stand alone until the page is closed. */
async function measureCases(): Promise<void> {
  if (run.value.name !== 'done') run.value = { name: 'idle' };
  const before = resultHere()?.cases ?? [];
  await measureMatrix({ onProgress: reach, onRows: (rows) => changeResultHere({ cases: withRows(before, rows) }) });
  if (matrix.value.name !== 'ended') return;
  const { how, wasHidden } = matrix.value;
  const result = resultHere();
  if (wasHidden && result) changeResultHere({ remarks: withHiddenTab(result).remarks });
  milestone.value = { name: typeof how === 'string' ? how : 'failed' };
}

const resultHere = () => (run.value.name === 'done' ? run.value.result : null);

function changeResultHere(changes: Partial<Pick<BenchmarkResult, 'cases' | 'remarks'>>): void {
  const result = resultHere();
  if (!result) return;
  run.value = { name: 'done', result: { ...result, ...changes } };
  void changeResult(result.id, changes);
}

/** A case that was measured again takes the place of the one before. */
function withRows(before: readonly CaseResult[], rows: readonly CaseResult[]): CaseResult[] {
  const wish = ({ key, memoryBytes }: CaseResult) => JSON.stringify([key, memoryBytes]);
  const again = new Set(rows.map(wish));
  return [...before.filter((row) => !again.has(wish(row))), ...rows];
}

export async function stop(): Promise<void> {
  if (run.value.name !== 'running') return stopMatrix();
  if (run.value.stopping) return;
  run.value = { ...run.value, stopping: true };
  await engine.stop();
}

/** The run goes on with the kernels as they are. */
export const skipTuning = (): Promise<void> => engine.skipTuning();

/** After a lost device the next call makes a new worker; the machine may have changed. */
export async function tryAgain(): Promise<void> {
  await lookAtMachine();
  await start();
}

/** Of the cases alone: what ran before them is a result. */
export async function tryCasesAgain(): Promise<void> {
  await lookAtMachine();
  await measureCases();
}

export function chooseSmallest(presets: readonly PresetEstimate[]): void {
  const smallest = [...presets].sort((a, b) => peakOfStages(a.memory) - peakOfStages(b.memory))[0];
  if (smallest) choice.value = { ...choice.value, preset: smallest.id };
  run.value = { name: 'idle' };
}

function reach(before: Progress, progress: Progress): void {
  milestone.value = milestoneBetween(before, progress) ?? milestone.value;
}

function withHiddenTab(result: BenchmarkResult): BenchmarkResult {
  if (result.remarks.some(({ code }) => code === 'hidden-tab')) return result;
  return { ...result, remarks: [...result.remarks, { code: 'hidden-tab', values: {} }] };
}
