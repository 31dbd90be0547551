/** One benchmark run, from Start to its result, Stop or failure. */
import { signal } from '@preact/signals-core';
import type { PresetEstimate } from '../../../workers/engine_api';
import type { BenchmarkResult } from '../../core/result';
import * as engine from '../engine';
import { advance, type Milestone, milestoneBetween, NO_PROGRESS, type Progress } from '../progress';
import { type Failure, failureOf } from './failure';
import { lookAtMachine } from './machine';
import { keepResult } from './results';
import { watchHidden } from './visibility';

export type Run =
  | { readonly name: 'idle' }
  | { readonly name: 'running'; readonly progress: Progress; readonly stopping: boolean }
  | { readonly name: 'stopped'; readonly progress: Progress; readonly seconds: number }
  | { readonly name: 'failed'; readonly failure: Failure }
  | { readonly name: 'done'; readonly result: BenchmarkResult };

export const run = signal<Run>({ name: 'idle' });

/** What Start will do. `preset` null: the engine takes the largest that stays under half a minute. */
export const choice = signal<{ readonly preset: string | null; readonly steps: number }>({ preset: null, steps: 5 });

export const milestone = signal<Milestone | null>(null);

export async function start(): Promise<void> {
  if (run.value.name === 'running') return;
  const beganMs = performance.now();
  run.value = { name: 'running', progress: NO_PROGRESS, stopping: false };
  milestone.value = null;
  const wasHidden = watchHidden();
  try {
    const result = await engine.benchmark({ mode: 'quick', ...choice.value }, (event) => {
      if (run.value.name === 'running') follow(run.value, advance(run.value.progress, event));
    });
    const honest = wasHidden() ? withHiddenTab(result) : result;
    run.value = { name: 'done', result: honest };
    milestone.value = { name: 'done' };
    await keepResult(honest);
  } catch (error) {
    const failure = failureOf(error);
    const progress = run.value.name === 'running' ? run.value.progress : NO_PROGRESS;
    if (failure.code === 'cancelled') {
      run.value = { name: 'stopped', progress, seconds: (performance.now() - beganMs) / 1000 };
      milestone.value = { name: 'stopped' };
    } else {
      run.value = { name: 'failed', failure };
      milestone.value = { name: 'failed' };
    }
  } finally {
    wasHidden();
  }
}

export async function stop(): Promise<void> {
  if (run.value.name !== 'running' || run.value.stopping) return;
  run.value = { ...run.value, stopping: true };
  await engine.stop();
}

/** After a lost device the next call makes a new worker; the machine may have changed. */
export async function tryAgain(): Promise<void> {
  await lookAtMachine();
  await start();
}

export function chooseSmallest(presets: readonly PresetEstimate[]): void {
  const smallest = [...presets].sort((a, b) => a.peakBytes - b.peakBytes)[0];
  if (smallest) choice.value = { ...choice.value, preset: smallest.id };
  run.value = { name: 'idle' };
}

function follow(before: Run & { name: 'running' }, progress: Progress): void {
  run.value = { ...before, progress };
  milestone.value = milestoneBetween(before.progress, progress) ?? milestone.value;
}

function withHiddenTab(result: BenchmarkResult): BenchmarkResult {
  if (result.remarks.some(({ code }) => code === 'hidden-tab')) return result;
  return { ...result, remarks: [...result.remarks, { code: 'hidden-tab', values: {} }] };
}
