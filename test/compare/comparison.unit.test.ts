import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { compareRows, denoiseAt, totalAt, weakest } from '../../src/compare/comparison';
import type { ReferenceFile } from '../../src/compare/reference_row';
import { exampleResult, figure } from './example_result';

const { rows }: ReferenceFile = JSON.parse(await readFile('public/reference/seed.json', 'utf8'));
const l40s = rows.find(({ id }) => id === 'l40s-03')!;

describe('a result beside a reference', () => {
  test('is compared through its projection when it ran something smaller', () => {
    const [comparison] = compareRows(exampleResult(), [l40s]);
    expect(comparison!.basis).toBe('projection');
    const step = comparison!.rows.find(({ stage }) => stage === 'step')!;
    expect(step.own.kind).toBe('sampled');
    expect(step.ratio).toBeCloseTo(1264 / l40s.stages.step.seconds, 6);
  });

  test('is compared as run when it ran the reference workload', () => {
    const example = exampleResult();
    const ran = { ...example, key: { ...example.projection.key, steps: 10 } };
    expect(compareRows(ran, [l40s])[0]).toMatchObject({ basis: 'run' });
  });

  test('takes the total at the number of steps of the reference', () => {
    const total = compareRows(exampleResult(), [l40s])[0]!.rows.find(({ stage }) => stage === 'total')!;
    expect(total.own).toMatchObject({ kind: 'derived', seconds: 1 + 10 * 1264 + 229.85 });
  });

  test('names what differs, and what makes it other work', () => {
    const { differences } = compareRows(exampleResult(), [l40s])[0]!;
    expect(differences.map(({ field }) => field)).toEqual(['steps', 'activations', 'weights', 'offload']);
    expect(differences.some(({ otherWork }) => otherWork)).toBe(false);
  });

  test('has no ratio at 121 frames, for 161 is 1.55 times the work', () => {
    const example = exampleResult();
    const key = { ...example.projection.key, frames: 121, tokens: 27280 };
    const comparison = compareRows({ ...example, projection: { ...example.projection, key } }, [l40s])[0]!;
    expect(comparison.rows.every(({ ratio }) => ratio === null)).toBe(true);
    expect(comparison.differences.filter(({ otherWork }) => otherWork).map(({ field }) => field)).toEqual([
      'frames',
      'tokens',
    ]);
  });

  test('has no ratio for init: making numbers is not reading a checkpoint', () => {
    const init = compareRows(exampleResult(), [l40s])[0]!.rows.find(({ stage }) => stage === 'init')!;
    expect(init.ratio).toBeNull();
    expect(init.reference.seconds).toBeGreaterThan(80);
  });

  test('has no ratio where a stage took no time', () => {
    const example = exampleResult();
    const stages = { ...example.projection.stages, encode: figure('derived', 0) };
    const comparison = compareRows({ ...example, projection: { ...example.projection, stages } }, [l40s])[0]!;
    expect(comparison.rows.find(({ stage }) => stage === 'encode')!.ratio).toBeNull();
  });
});

describe('figures at another number of steps', () => {
  test('are the published sum at its own, and derived at any other', () => {
    expect(totalAt(l40s.stages, 10, 10)).toBe(l40s.stages.total);
    expect(totalAt(l40s.stages, 10, 50)).toMatchObject({ kind: 'derived' });
    expect(denoiseAt(l40s.stages, 10, 10).seconds).toBeCloseTo(
      l40s.stages.step.samples.reduce((a, b) => a + b),
      6,
    );
    expect(denoiseAt(l40s.stages, 10, 20)).toMatchObject({ kind: 'derived', seconds: l40s.stages.step.seconds * 20 });
  });

  test('a sum is as weak as its weakest part', () => {
    expect(weakest(['measured', 'sampled'])).toBe('sampled');
    expect(weakest(['published', 'derived'])).toBe('derived');
    expect(weakest(['measured', 'measured'])).toBe('measured');
  });
});
