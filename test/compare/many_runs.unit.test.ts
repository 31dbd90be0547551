/** Files as large as are read: what is done with pairs of their runs or cases takes no longer than its reader waits. */
import { readFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import { openPasted } from '../../src/app/state/adding';
import { opened } from '../../src/app/state/results';
import { groupRuns } from '../../src/compare/group_runs';
import { importRuns } from '../../src/compare/import_runs';
import { MOST_REPORTED, reportOf } from '../../src/compare/report';
import { reportHtml } from '../../src/compare/report_html';
import { reportJson } from '../../src/compare/report_json';
import { runOfResult } from '../../src/compare/run_of';
import type { CaseResult } from '../../src/core/result';
import { MOST_SECONDS, processorSeconds } from '../fuzz/judge';
import { exampleResult, figure } from './example_result';
import { cards, published } from './report_runs';

beforeEach(() => {
  opened.value = [];
});

const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));

function secondsOf(work: () => void): number {
  const before = processorSeconds();
  work();
  return processorSeconds() - before;
}

test('runs of one card that are all of other groups get their names', () => {
  const [run] = published;
  const long = (i: number) => `${'x'.repeat(1980)} ${i}`;
  const runs = times(MOST_REPORTED, (i) => ({ ...run!, contended: false, key: { ...run!.key, weights: long(i) } }));
  expect(secondsOf(() => expect(groupRuns(runs)).toHaveLength(MOST_REPORTED))).toBeLessThan(MOST_SECONDS);
});

test('results with as many cases as there may be are compared case with case, and the table has the first', () => {
  const { key } = exampleResult();
  const cases = times(
    256,
    (i): CaseResult => ({
      ...{ key: { ...key, width: i, offload: 'resident' }, memoryBytes: null, step: figure('measured', 1) },
      ...{ peakGpuBytes: 1, streamedBytesPerStep: 0, exposedSeconds: 0, hiddenSeconds: 0, failure: null },
    }),
  );
  const runs = times(20, (i) => {
    const result = exampleResult({ id: `r${i}`, cases });
    return runOfResult({ ...result, machine: { ...result.machine, adapter: `card ${i}` } });
  });
  let html = '';
  const seconds = secondsOf(() => {
    html = reportHtml(reportOf(runs, { language: 'en', cards, claims: [] }));
  });
  expect(seconds).toBeLessThan(MOST_SECONDS);
  expect(html).toContain('The first 512 of 5,120; the JSON has all of them.');
});

test('own results beside as many others are told apart, and each is added once', () => {
  const list = (from: number) =>
    JSON.stringify(times(100, (i) => exampleResult({ id: `r${from + i}`, name: `n${from + i}` })));
  const seconds = secondsOf(() => {
    for (const from of [0, 100, 100]) openPasted(list(from), 'list.json');
  });
  expect(opened.value.map(({ runs }) => runs.length)).toEqual([100, 100]);
  expect(seconds).toBeLessThan(MOST_SECONDS);
});

test('runs of one id get ids of their own, those of one file, too', () => {
  const runs = times(300, (i) => ({ ...published[0]!, id: 'one', peakMemoryBytes: i }));
  const file = JSON.stringify({ schema: 'wanscope-report', version: 1, runs: runs.slice(0, 150) });
  const other = JSON.stringify({ schema: 'wanscope-report', version: 1, runs: runs.slice(150) });
  const seconds = secondsOf(() => {
    openPasted(file, 'a.json');
    openPasted(other, 'b.json');
  });
  const ids = opened.value.flatMap(({ runs }) => runs.map(({ id }) => id));
  expect([ids.length, new Set(ids).size]).toEqual([300, 300]);
  expect(seconds).toBeLessThan(MOST_SECONDS);
});

test('a report on as many results as it can be on is opened again', async () => {
  const result = JSON.parse(await readFile('docs/results/h100-standard.json', 'utf8'));
  const runs = times(MOST_REPORTED, (i) => runOfResult({ ...result, id: `r${i}` }));
  const text = reportJson(reportOf(runs, { language: 'en', cards, claims: [] }));
  let read: ReturnType<typeof importRuns> | undefined;
  const seconds = secondsOf(() => {
    read = importRuns(text, { name: 'report.json', url: null });
  });
  expect(read).toMatchObject({ ok: true, runs: { length: MOST_REPORTED } });
  expect(seconds).toBeLessThan(MOST_SECONDS);
});

test('a text with colons is no JSON, and no object of as many fields', () => {
  const read = importRuns('12:00:01 a step\n'.repeat(9000), { name: 'a.log', url: null });
  expect(read).toEqual({ ok: false, refusal: { reason: 'not-json' } });
});

test('an object with more fields than an engine reads well is refused by their number', () => {
  const more = Object.fromEntries(times(5001, (i) => [`f${i}`, 0]));
  const read = importRuns(JSON.stringify({ ...exampleResult(), more }), { name: 'a', url: null });
  expect(read).toEqual({ ok: false, refusal: { reason: 'too-many-names', names: 5001, limit: 5000 } });
});
