import { signal } from '@preact/signals-core';
import type { CheckRow } from '../../../workers/engine_api';
import * as engine from '../engine';
import { type Failure, failureOf } from './failure';

export interface SelfCheck {
  readonly name: 'idle' | 'running' | 'done' | 'failed';
  readonly rows: readonly CheckRow[];
  readonly failure: Failure | null;
}

export const check = signal<SelfCheck>({ name: 'idle', rows: [], failure: null });

export async function startCheck(): Promise<void> {
  if (check.value.name === 'running') return;
  check.value = { name: 'running', rows: [], failure: null };
  const add = (row: CheckRow) => {
    if (check.value.name === 'running') check.value = { ...check.value, rows: [...check.value.rows, row] };
  };
  try {
    check.value = { name: 'done', rows: await engine.selfCheck(() => {}, add), failure: null };
  } catch (error) {
    const failure = failureOf(error);
    check.value =
      failure.code === 'cancelled'
        ? { name: 'idle', rows: [], failure: null }
        : { name: 'failed', rows: check.value.rows, failure };
  }
}
