// @vitest-environment happy-dom
/** The cases between what is ticked and what runs. The engine is stood in for. */
import { render } from 'lit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as engine from '../../src/app/engine';
import { benchmarkCard } from '../../src/app/parts/benchmark_card';
import { casesSeconds } from '../../src/app/parts/cases_fold';
import { casesOutcome } from '../../src/app/parts/cases_outcome';
import {
  casesChoice,
  casesForm,
  casesOutlook,
  changeCases,
  lookAtCases,
  matrix,
  tickCases,
} from '../../src/app/state/cases';
import { machineState } from '../../src/app/state/machine';
import { run } from '../../src/app/state/run';
import { words } from '../../src/app/state/settings';
import type { CasePlan } from '../../workers/engine_api';
import { exampleResult } from '../compare/example_result';

const result = exampleResult();
const { ticks } = casesForm.value;
const place = document.createElement('div');
const button = (label: string) =>
  [...place.querySelectorAll('button')].find((each) => each.textContent!.trim() === label)!;

beforeEach(() => {
  document.body.append(place);
  machineState.value = { name: 'ready', machine: result.machine, plan: null };
  vi.spyOn(engine, 'planCases').mockResolvedValue([{ estimatedSeconds: 60 } as CasePlan]);
});
afterEach(() => {
  vi.restoreAllMocks();
  render(null, place);
  document.body.replaceChildren();
  machineState.value = { name: 'checking' };
  run.value = { name: 'idle' };
  matrix.value = { name: 'idle' };
  changeCases({ when: 'off' });
  tickCases(ticks);
});

const look = () => lookAtCases(casesChoice.value!);

test('what was planned for other ticks is not what Start would run', async () => {
  changeCases({ when: 'alone' });
  await look();
  expect(casesSeconds()).toBe(60);
  render(benchmarkCard(), place);
  expect(button(words.value.startRow.start).disabled).toBe(false);
  tickCases({ weights: ['q8_0'] });
  expect(casesOutlook.value).toEqual({ name: 'planning' });
  expect(casesSeconds()).toBeNull();
  render(benchmarkCard(), place);
  expect(button(words.value.startRow.start).disabled).toBe(true);
  await look();
  expect(casesOutlook.value).toMatchObject({ name: 'ready', choice: { weights: ['q8_0'] } });
});

test('cases that failed are tried again by themselves, beside the result that they belong to', async () => {
  changeCases({ when: 'after' });
  await look();
  run.value = { name: 'done', result };
  const how = { code: 'device-lost', text: 'It was taken away.' } as const;
  matrix.value = { name: 'ended', how, rows: [], plans: [], wasHidden: false };
  vi.spyOn(engine, 'machine').mockResolvedValue(result.machine);
  vi.spyOn(engine, 'plan').mockResolvedValue(null as never);
  const benchmark = vi.spyOn(engine, 'benchmark').mockRejectedValue(new Error('begun'));
  const cases = vi.spyOn(engine, 'measureCases').mockResolvedValue([]);
  render(casesOutcome(), place);
  button(words.value.failure.tryAgain).click();
  await vi.waitFor(() => expect(cases).toHaveBeenCalledOnce());
  expect(benchmark).not.toHaveBeenCalled();
  expect(run.value).toEqual({ name: 'done', result });
  await vi.waitFor(() => expect(matrix.value).toMatchObject({ name: 'ended', how: 'done' }));
});
