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

test('ticks are in a unit that suits the longest row', () => {
  const unitOf = (seconds: number) => layOutStageBars([row('a', 0, seconds, 0)], options).tickUnit;
  expect([0.2, 20, 1200, 40_000, 9e6].map(unitOf)).toEqual(['ms', 's', 'min', 'h', 'd']);
  expect(layOutStageBars([], options).ticks).toEqual([]);
});
