/** What needs no store. The store's part is in test/browser/opened_results.test.ts; Node has none, as some private windows. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  deleteRun,
  type KeptRun,
  keeping,
  keepRun,
  keptRuns,
  MOST_KEPT,
  ownResults,
  renameRun,
  toDrop,
  undoDelete,
} from '../../src/app/state/own_runs';
import { exampleResult } from '../compare/example_result';

afterEach(() => {
  keptRuns.value = [];
});

const run = (id: string, day = 1, name = '') =>
  exampleResult({ id, name, createdAt: `2026-03-${String(day).padStart(2, '0')}T12:00:00.000Z` });
const kept = (count: number, nameOf: (i: number) => string): KeptRun[] =>
  Array.from({ length: count }, (_, i) => ({ run: run(`${i}`, 1, nameOf(i)), madeHere: true, stored: true }));
const ids = (runs: readonly KeptRun[] | null) => runs?.map((each) => each.run.id) ?? null;

describe('room', () => {
  test('is there for a hundred', () => {
    expect(
      toDrop(
        kept(MOST_KEPT, () => ''),
        '0',
      ),
    ).toEqual([]);
  });

  test('is made by the oldest without a name, never by the one just added', () => {
    expect(
      ids(
        toDrop(
          kept(102, () => ''),
          '0',
        ),
      ),
    ).toEqual(['100', '101']);
    expect(
      ids(
        toDrop(
          kept(101, (i) => (i > 50 ? 'named' : '')),
          '0',
        ),
      ),
    ).toEqual(['50']);
    expect(
      ids(
        toDrop(
          kept(101, (i) => (i > 0 && i < 100 ? 'named' : '')),
          '100',
        ),
      ),
    ).toEqual(['0']);
  });

  test('is not made where all others have names', () => {
    expect(
      toDrop(
        kept(101, (i) => (i > 0 ? 'named' : '')),
        '0',
      ),
    ).toBeNull();
  });
});

describe('without a store', () => {
  test('runs stay on the page, newest first, and the page says so', async () => {
    await keepRun(run('old', 1), true);
    await keepRun(run('new', 2), true);
    await keepRun(run('older', 1), false);
    expect(ids(keptRuns.value)?.[0]).toBe('new');
    expect(keptRuns.value.every(({ stored }) => !stored)).toBe(true);
    expect(keeping.value).toEqual({ name: 'failed', isFull: false });
  });

  test('a run is named, deleted and had back', async () => {
    await keepRun(run('a'), true);
    await renameRun('a', `  ${'n'.repeat(500)}`);
    expect(keptRuns.value[0]!.run.name).toBe('n'.repeat(120));
    await deleteRun('a');
    expect(keptRuns.value).toEqual([]);
    await undoDelete();
    expect(ids(keptRuns.value)).toEqual(['a']);
  });

  test('what was made elsewhere is never one of one’s own results', async () => {
    await keepRun(run('mine', 1), true);
    await keepRun(run('theirs', 9), false);
    expect(ownResults.value.map(({ id }) => id)).toEqual(['mine']);
  });

  test('the same run is kept once; a changed one of the same id stands beside it under its own', async () => {
    const mine = run('same');
    await keepRun(mine, true);
    await renameRun('same', 'first');
    expect(await keepRun(mine, true)).toBe('same');
    const id = await keepRun({ ...mine, engineVersion: 'changed' }, false);
    expect(id).not.toBe('same');
    expect(keptRuns.value.map((each) => [each.run.name, each.madeHere]).sort()).toEqual([
      ['', false],
      ['first', true],
    ]);
  });
});
