// @vitest-environment happy-dom
import { readFile } from 'node:fs/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { added, openFiles, openPasted, refused } from '../../src/app/state/adding';
import { chosenEntries, entries, ownEntry } from '../../src/app/state/compared';
import { keptRuns } from '../../src/app/state/own_runs';
import { references } from '../../src/app/state/references';
import { chooseRun, opened, removeOpened, wanted } from '../../src/app/state/results';
import { refusalText } from '../../src/compare/refusal_text';
import { en } from '../../src/words/en';
import { zh } from '../../src/words/zh';
import { exampleResult } from '../compare/example_result';
import { referenceRuns } from '../compare/reference_runs';

const SEED = await readFile('test/compare/seed-runs/l40s_01_Speed_Preview_480p.json', 'utf8');
const mine = exampleResult({ id: 'mine' });
const text = (changes: Parameters<typeof exampleResult>[0] = {}) => JSON.stringify(exampleResult(changes));
const file = (name: string, text: string) => new File([text], name, { type: 'application/json' });

const clear = () => {
  opened.value = [];
  keptRuns.value = [];
  wanted.value = null;
  references.value = 'loading';
};
beforeEach(clear);
afterAll(clear); // other files' tests share these

describe('what is opened', () => {
  test('becomes rows, of several formats at once, beside what there was', async () => {
    await openFiles([file('a.json', text()), file('seed.json', SEED)]);
    expect(opened.value.map(({ name, runs, saved }) => [name, runs.length, saved.length])).toEqual([
      ['a.json', 1, 1],
      ['seed.json', 1, 0],
    ]);
    expect(added.value).toEqual({ name: 'seed.json', runs: 2 });
    expect(entries.value.every(({ group, madeHere }) => group === 'imported' && !madeHere)).toBe(true);
  });

  test('is not there twice, be it under another name', () => {
    openPasted(SEED, 'clipboard');
    openPasted(SEED, 'again');
    expect(opened.value.length).toBe(1);
    expect(added.value).toEqual({ name: 'again', runs: 0 });
  });

  test('never stands under the id of another: a changed copy of one’s own result does not pass for it', () => {
    keptRuns.value = [{ run: mine, madeHere: true, stored: true }];
    openPasted(text({ id: 'mine', name: 'forged' }), 'clipboard');
    expect(opened.value[0]!.runs[0]!.id).not.toBe('mine');
    expect(opened.value[0]!.saved[0]!.id).toBe(opened.value[0]!.runs[0]!.id);
    expect(ownEntry.value).toMatchObject({ madeHere: true, run: { id: 'mine', name: '' } });
    openPasted(JSON.stringify(mine), 'clipboard');
    expect(added.value!.runs).toBe(0);
  });

  test('nor under that of a published run', () => {
    references.value = referenceRuns;
    const [run] = referenceRuns;
    const forged = { ...run!, stages: { ...run!.stages, step: { kind: 'published', seconds: 1, samples: [] } } };
    openPasted(JSON.stringify({ schema: 'wanscope-references', version: 2, runs: [run, forged] }), 'clipboard');
    expect(opened.value[0]!.runs.map(({ id, stages }) => [id === run!.id, stages.step!.seconds])).toEqual([[false, 1]]);
  });

  test('is refused file by file, and takes nothing away', async () => {
    openPasted(text(), 'clipboard');
    await openFiles([file('bad.json', '{'), file('other.json', text().replace('"seconds":2,', '"seconds":"soon",'))]);
    expect(refused.value.map(({ name, refusal }) => [name, refusal.reason])).toEqual([
      ['bad.json', 'not-json'],
      ['other.json', 'field'],
    ]);
    expect(opened.value.length).toBe(1);
  });

  test('is refused where the browser cannot read it, as a folder, and the files after it are opened', async () => {
    const folder = file('folder', '');
    folder.text = () => Promise.reject(new DOMException('A requested file could not be found.', 'NotFoundError'));
    await openFiles([folder, file('a.json', text())]);
    expect(refused.value).toEqual([{ name: 'folder', refusal: { reason: 'unreadable' } }]);
    for (const words of [en, zh]) expect(refusalText(refused.value[0]!.refusal, words)).not.toBe('');
    expect(opened.value.map(({ name }) => name)).toEqual(['a.json']);
  });
});

describe('the pinned run', () => {
  test('is one’s own newest benchmark, whatever is opened', () => {
    keptRuns.value = [{ run: mine, madeHere: true, stored: true }];
    openPasted(text({ id: 'theirs', createdAt: '2026-03-02T12:00:00.000Z' }), 'clipboard');
    expect(ownEntry.value!.run.id).toBe('mine');
    chooseRun('theirs');
    expect(ownEntry.value).toMatchObject({ madeHere: false, run: { id: 'theirs' } });
    removeOpened(opened.value[0]!.id);
    expect(ownEntry.value!.run.id).toBe('mine');
  });

  test('is what was opened last where there is none of one’s own; other programs’ runs and published ones only when chosen', () => {
    references.value = referenceRuns;
    openPasted(SEED, 'clipboard');
    expect(ownEntry.value).toBeNull();
    openPasted(text({ id: 'first' }), 'clipboard');
    openPasted(text({ id: 'second', createdAt: '2026-03-02T12:00:00.000Z' }), 'clipboard');
    expect(ownEntry.value!.run.id).toBe('second');
    chooseRun('l40s-01');
    expect(ownEntry.value!.run.id).toBe('l40s-01');
  });

  test('stands beside the rest, without those that shared their card', () => {
    references.value = referenceRuns;
    const contended = referenceRuns.filter((run) => run.contended).length;
    expect(contended).toBeGreaterThan(0);
    expect(chosenEntries.value.length).toBe(referenceRuns.length - contended);
  });
});
