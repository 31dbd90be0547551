/** The self-check, from its button to its verdict, Stop or failure. */
import { signal } from '@preact/signals-core';
import type { CheckRow } from '../../../workers/engine_api';
import * as engine from '../engine';
import { advance, NO_PROGRESS, type Progress } from '../progress';
import { type Failure, failureOf } from './failure';

export type SelfCheck = { readonly rows: readonly CheckRow[] } & (
  | { readonly name: 'idle' | 'stopped' | 'done' }
  | { readonly name: 'running'; readonly progress: Progress; readonly stopping: boolean }
  | { readonly name: 'failed'; readonly failure: Failure }
);

export const check = signal<SelfCheck>({ name: 'idle', rows: [] });

export async function startCheck(): Promise<void> {
  if (check.value.name === 'running') return;
  check.value = { name: 'running', rows: [], progress: NO_PROGRESS, stopping: false };
  const running = (change: (state: SelfCheck & { name: 'running' }) => SelfCheck) => {
    if (check.value.name === 'running') check.value = change(check.value);
  };
  try {
    const rows = await engine.selfCheck(
      (event) => running((state) => ({ ...state, progress: advance(state.progress, event) })),
      (row) => running((state) => ({ ...state, rows: [...state.rows, row] })),
    );
    check.value = { name: 'done', rows };
  } catch (error) {
    const failure = failureOf(error);
    const { rows } = check.value;
    check.value = failure.code === 'cancelled' ? { name: 'stopped', rows } : { name: 'failed', rows, failure };
  }
}

export async function stopCheck(): Promise<void> {
  if (check.value.name !== 'running' || check.value.stopping) return;
  check.value = { ...check.value, stopping: true };
  await engine.stop();
}
