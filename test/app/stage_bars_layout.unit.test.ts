import { describe, expect, test } from 'vitest';
import { type BarRow, layOutStageBars, type StageBarsOptions } from '../../src/app/charts/stage_bars_layout';
import { figure } from '../compare/example_result';

const row = (id: string, encode: number, denoise: number, decode: number): BarRow => ({
  id,
  label: id,
  notes: [],
  own: false,
  parts: [
    { stage: 'encode', figure: figure('published', encode) },
    { stage: 'denoise', figure: figure('published', denoise) },
    { stage: 'decode', figure: figure('published', decode) },
  ],
});
const rows = [row('L40S', 45, 126, 46), row('Blackwell', 13, 69, 24)];
const options: StageBarsOptions = {
  width: 651,
  scale: 'seconds',
  label: ({ stage, figure: { seconds } }, _share, short) => ({
    text: short ? `${seconds}` : `${stage} ${seconds}`,
    width: short ? 30 : 90,
  }),
};
const rounded = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_, each) => (typeof each === 'number' ? Math.round(each * 100) / 100 : each)));

test('the layout of two published runs is this', () => {
  expect(rounded(layOutStageBars(rows, options))).toMatchSnapshot();
});

describe('seconds', () => {
  const { bars } = layOutStageBars(rows, options);

  test('share one axis: equal seconds are equally long', () => {
    expect(bars[0]!.segments[1]!.width / 126).toBeCloseTo(bars[1]!.segments[1]!.width / 69, 9);
  });

  test('the longest row fills the width', () => {
    const last = bars[0]!.segments.at(-1)!;
    expect(last.x + last.width).toBeCloseTo(651, 9);
  });
});

test('in percent every row fills the width', () => {
  for (const { segments } of layOutStageBars(rows, { ...options, scale: 'percent' }).bars) {
    const last = segments.at(-1)!;
    expect(last.x + last.width).toBeCloseTo(651, 9);
  }
});

test('labels of narrow segments stand beside one another, inside the chart', () => {
  const { bars } = layOutStageBars([row('slow', 1, 9000, 1), row('fast', 1, 1, 1)], options);
  for (const { segments } of bars) {
    const xs = segments.map(({ labelX }) => labelX);
    expect(xs[0]).toBeGreaterThanOrEqual(0);
    expect(xs[2]! + 90).toBeLessThanOrEqual(651);
    for (let i = 1; i < xs.length; i++) expect(xs[i]! - xs[i - 1]!).toBeGreaterThanOrEqual(90);
  }
});

test('labels lose their stage where the row has no room for it', () => {
  const { bars } = layOutStageBars(rows, { ...options, width: 200 });
  expect(bars[0]!.segments.map(({ label }) => label)).toEqual(['45', '126', '46']);
});

test('a row that was not run keeps its place', () => {
  const own: BarRow = { id: 'own', label: 'This GPU', notes: [], own: true, parts: null };
  const { bars, height } = layOutStageBars([own, ...rows], options);
  expect(bars[0]!.segments).toEqual([]);
  expect(height).toBeGreaterThan(layOutStageBars(rows, options).height);
});

describe('a missing stage', () => {
  const open: BarRow = { ...row('open', 10, 20, 30), missing: ['image'] };
  const withGaps: StageBarsOptions = { ...options, gapLabel: (stage) => ({ text: stage, width: 40 }) };
  const { bars } = layOutStageBars([...rows, open], withGaps);

  test('is a gap after the known ones, inside the chart, that shifts no length', () => {
    const [, , { segments, gaps }] = bars as [unknown, unknown, (typeof bars)[0]];
    const last = segments.at(-1)!;
    expect(gaps[0]!.x).toBeCloseTo(last.x + last.width, 9);
    expect(gaps[0]!.x + gaps[0]!.width).toBeLessThanOrEqual(651);
    expect(segments[1]!.width / 20).toBeCloseTo(bars[0]!.segments[1]!.width / 126, 9);
  });

  test('leaves shares open, and so does a figure that is no number', () => {
    expect(bars[2]!.segments.map(({ share }) => share)).toEqual([null, null, null]);
    const broken = layOutStageBars([row('broken', 1, Number.NaN, 2)], withGaps).bars[0]!;
    expect(broken.gaps.map(({ stage }) => stage)).toEqual(['denoise']);
    expect(broken.totalSeconds).toBe(3);
  });

  test('keeps room for the row with most gaps, in percent too', () => {
    const { bars } = layOutStageBars([...rows, open], { ...withGaps, scale: 'percent' });
    const last = bars[0]!.segments.at(-1)!;
    expect(last.x + last.width).toBeLessThan(651);
    expect(bars[2]!.gaps[0]!.x).toBeCloseTo(last.x + last.width, 9);
  });
});

test('the shortest segments lose their labels first where not even short ones fit', () => {
  const { bars } = layOutStageBars([row('a', 1, 50, 20)], { ...options, width: 75 });
  expect(bars[0]!.segments.map(({ label }) => label)).toEqual(['', '50', '20']);
});

test('ticks are in a unit that suits the longest row', () => {
  const unitOf = (seconds: number) => layOutStageBars([row('a', 0, seconds, 0)], options).tickUnit;
  expect([0.2, 20, 1200, 40_000, 9e6].map(unitOf)).toEqual(['ms', 's', 'min', 'h', 'd']);
  expect(layOutStageBars([], options).ticks).toEqual([]);
});
