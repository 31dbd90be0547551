// @vitest-environment happy-dom
/** What uses the GPU can be stopped where it was begun and by Esc, and every other place says why it waits. The engine is stood in for. */
import { render, type TemplateResult } from 'lit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as engine from '../../src/app/engine';
import { benchmarkCard } from '../../src/app/parts/benchmark_card';
import { memoryField } from '../../src/app/parts/memory_field';
import { selfCheckPanel } from '../../src/app/parts/self_check_panel';
import { askOnEscape, stopDialog } from '../../src/app/parts/stop_dialog';
import { machineState } from '../../src/app/state/machine';
import { check } from '../../src/app/state/self_check';
import { words } from '../../src/app/state/settings';
import { probe } from '../../src/app/state/streaming';
import { AppError } from '../../src/core/errors';
import type { RunEvent } from '../../src/core/events';
import { exampleResult } from '../compare/example_result';

const place = document.createElement('div');
function drawn(template: TemplateResult): HTMLElement {
  render(template, place);
  return place;
}
const fields = () => memoryField({ label: 'memory', slider: 'memory', gib: 4, change: () => {} });

/** A run that goes on until it is stopped. */
function untilStopped() {
  let end = () => {};
  const run = new Promise<never>((_, reject) => {
    end = () => reject(new AppError('cancelled', 'Stopped.'));
  });
  vi.spyOn(engine, 'stop').mockImplementation(async () => end());
  return run;
}

beforeEach(() => {
  document.body.append(place);
  machineState.value = { name: 'ready', machine: exampleResult().machine, plan: null };
});
afterEach(() => {
  vi.restoreAllMocks();
  render(null, place);
  document.body.replaceChildren();
  machineState.value = { name: 'checking' };
  check.value = { name: 'idle', rows: [] };
  probe.value = { name: 'idle' };
});

test('a self-check tells how far it is, and stops', async () => {
  const { startRow, stopped } = words.value;
  const run = untilStopped();
  const progress: RunEvent = {
    ...{ type: 'progress', atMs: 1, stage: 'verify', done: 3, total: 11, detail: '', secondsLeft: 20 },
  };
  vi.spyOn(engine, 'selfCheck').mockImplementation((onEvent) => {
    onEvent(progress);
    return run;
  });
  drawn(selfCheckPanel()).querySelector('button')!.click();
  expect(drawn(selfCheckPanel()).textContent).toMatch(/Check · 3 of 11/);
  expect(drawn(benchmarkCard()).textContent).toContain(startRow.busy);
  const button = drawn(selfCheckPanel()).querySelector('button')!;
  expect(button.textContent!.trim()).toBe(startRow.stop);
  expect(button.disabled).toBe(false); // or the focus would be lost
  button.click();
  expect(drawn(selfCheckPanel()).querySelector('button')!.textContent!.trim()).toBe(startRow.stopping);
  await vi.waitFor(() => expect(check.value.name).toBe('stopped'));
  expect(drawn(selfCheckPanel()).querySelector('[role=status]')!.textContent).toBe(stopped.heading);
});

test('looking for memory stops, by its button or by Esc', async () => {
  const { startRow } = words.value;
  vi.spyOn(engine, 'probeMemory').mockImplementation(untilStopped);
  const press = () => drawn(fields()).querySelector('button')!.click();
  press();
  expect(drawn(fields()).querySelector('button')!.textContent!.trim()).toBe(startRow.stop);
  expect(drawn(benchmarkCard()).textContent).toContain(startRow.busy);
  drawn(fields());
  press();
  await vi.waitFor(() => expect(probe.value).toEqual({ name: 'idle' }));

  press();
  drawn(stopDialog());
  askOnEscape();
  dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  expect(place.querySelector('dialog')!.open).toBe(true);
  place.querySelector<HTMLButtonElement>('dialog .primary')!.click();
  await vi.waitFor(() => expect(probe.value).toEqual({ name: 'idle' }));
});
