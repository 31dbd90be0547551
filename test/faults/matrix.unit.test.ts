/** The fault matrix: every cell has its reason, every test it names is there, and docs/reliability.md has it as it is (`-u` rewrites). */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULTS, STAGES, type TestName } from './matrix';
import { withMatrix } from './matrix_page';

const path = (file: string) => new URL(`../../${file}`, import.meta.url);
const page = path('docs/reliability.md');

const parts = (test: TestName) => test.split(' › ') as [file: string, name: string];
const named = FAULTS.flatMap(({ name, cells }) =>
  STAGES.flatMap((stage) => {
    const cell = cells[stage];
    return 'cannot' in cell ? [] : cell.map((test) => ({ where: `${name} × ${stage}`, test }));
  }),
);

test('every fault has a cell for every stage, with tests or a reason', () => {
  expect(FAULTS.length).toBeGreaterThanOrEqual(15);
  for (const { name, made, ends, cells } of FAULTS) {
    for (const text of [made, ends]) expect(text, name).toMatch(/^\S.{10,}\.$/);
    expect(Object.keys(cells), name).toEqual([...STAGES]);
    for (const cell of Object.values(cells)) if ('cannot' in cell) expect(cell.cannot, name).toMatch(/^\S.{10,}\.$/);
  }
});

test('every test that is named is there', () => {
  expect(named.length).toBeGreaterThan(60);
  const missing = named.filter(({ test }) => {
    const [file, name] = parts(test);
    if (!existsSync(path(file))) return true;
    const source = readFileSync(path(file), 'utf8');
    return !["'", '`'].some((quote) => source.includes(`${quote}${name}${quote}`));
  });
  expect(missing).toEqual([]);
});

test('docs/reliability.md has the matrix as it is', async () => {
  const written = withMatrix(readFileSync(page, 'utf8'), FAULTS);
  expect(withMatrix(written, FAULTS)).toBe(written);
  await expect(written).toMatchFileSnapshot(page.pathname);
});

test('what stands outside of the markers is left alone', () => {
  const around = 'before\n<!-- The fault matrix. -->\nwhat was there\n<!-- End of the fault matrix. -->\nafter\n';
  const written = withMatrix(around, FAULTS);
  expect(written).toMatch(/^before\n.*\nafter\n$/s);
  expect(written).not.toContain('what was there');
  expect(() => withMatrix('nothing', FAULTS)).toThrow('needs the lines');
});
