import { describe, expect, test } from 'vitest';
import { caseColumns, caseRows, casesFinding, casesText } from '../../src/app/case_rows';
import { en } from '../../src/words/en';
import { zh } from '../../src/words/zh';
import { figure } from '../compare/example_result';
import { caseResult, richResult } from './rich_result';

const plain = (text: string) => text.replace(/[\u202f\u00a0]/g, ' ');
const rowsOf = (cases = richResult().cases) => caseRows(cases, en);

describe('rows of cases', () => {
  test('tell steps a minute of all videos, and the gain over the first of the same clip', () => {
    const rows = rowsOf();
    expect(rows.map(({ stepsPerMinute }) => stepsPerMinute)).toEqual([30, 37.5, 60 / 3.4, null]);
    expect(rows.map(({ gain }) => gain?.toFixed(3) ?? null)).toEqual(['0.000', '0.250', '-0.412', null]);
  });

  test('never set a case against one of another clip, or against one that failed', () => {
    const other = caseResult({ preset: '832x480x33', width: 832, height: 480, frames: 33 }, 8);
    const rows = rowsOf([caseResult({}, null), other, caseResult({}, 4), caseResult({}, 2)]);
    expect(rows.map(({ gain }) => gain)).toEqual([null, 0, 0, 1]);
  });

  test('never set a case against one that a clock gave no time', () => {
    const rows = rowsOf([caseResult({}, 0), caseResult({}, 4), caseResult({}, 2)]);
    expect(rows.map(({ gain }) => gain)).toEqual([null, 0, 1]);
  });

  test('of a case that failed say no number but its memory', () => {
    const failed = rowsOf().at(-1)!;
    expect(caseColumns(en).map(({ text }) => plain(text(failed)))).toEqual([
      'not measured',
      '–',
      '–',
      '19 GiB',
      '–',
      '–',
      '–',
    ]);
  });

  test('are named by what they are, with the memory that was allowed', () => {
    const [all, within] = rowsOf([caseResult({}, 1), caseResult({ offload: 'partial' }, 1, { memoryBytes: 2 ** 31 })]);
    expect(all!.name).toBe('640×352×17 · bf16 · all stay · × 1');
    expect(plain(within!.name)).toBe('640×352×17 · bf16 · what fits stays · 2 GiB · × 1');
  });
});

describe('the finding', () => {
  const finding = (cases: Parameters<typeof rowsOf>[0], words = en) =>
    plain(casesFinding(caseRows(cases!, words), words));

  test('names the case that does most, and by how much', () => {
    expect(finding(richResult().cases)).toBe(
      'Most work a minute: 640×352×17 · bf16 · all stay · × 2, 25 % more than 640×352×17 · bf16 · all stay · × 1.',
    );
    expect(finding(richResult().cases, zh as typeof en)).toContain('多 25 %');
  });

  test('does not call a gain what is noise, nor one case the best of one', () => {
    expect(finding([caseResult({}, 2), caseResult({ batch: 2 }, 3.95)])).toContain('No case does noticeably more');
    const unsteady = { ...caseResult({}, 2), step: figure('measured', 2, [2, 1.7, 2.1]) };
    expect(finding([unsteady, caseResult({ batch: 2 }, 3.6)])).toContain('No case does noticeably more');
    expect(finding([unsteady, caseResult({ batch: 2 }, 3.2)])).toContain('25 % more');
    expect(finding([caseResult({}, 2)])).toContain('2.00 s a guided step');
    expect(finding([caseResult({}, null)])).toContain('No case could be measured');
  });
});

test('the text is a table, and the reasons of what failed', () => {
  const text = plain(casesText(richResult().cases, en).join('\n'));
  expect(text.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(6);
  expect(text).toContain('- 640×352×17 · f32 · all stay · × 1: This takes 19,000 MiB');
  expect(casesText([], en)).toEqual([]);
});
