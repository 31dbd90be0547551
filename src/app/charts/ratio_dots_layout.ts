/** Where the dots of a ratio chart stand: fastest first, on one logarithmic axis around 1×, which is this GPU. */
import { scaleLog } from 'd3';
import type { Words } from '../../words/en';
import { figures } from '../../words/format';
import { ratioText } from '../headline';
import { logTicks, placeTicks, type Tick } from './axis_ticks';
import type { RatioDots, RatioDotsWords, RatioRow } from './chart_inputs';
import { fittingText, NAME_PX, type Pen, SMALL_PX, TOTAL_PX } from './text_width';

export interface PlacedRatio {
  readonly row: RatioRow;
  /** Baseline of the name and the ratio. */
  readonly headY: number;
  readonly label: string;
  readonly ratioText: string;
  /** What the ratio rests on: beside the name where all rows have room for that, else beneath it. */
  readonly basis: { readonly x: number; readonly y: number; readonly text: string };
  readonly dotY: number;
  /** Null: there is no ratio. */
  readonly x: number | null;
  /** From low to high, around the dot. */
  readonly whisker: readonly [number, number] | null;
}

export interface AxisSide {
  readonly x: number;
  readonly anchor: 'start' | 'end';
  readonly text: string;
}

export interface RatioDotsLayout {
  readonly rows: readonly PlacedRatio[];
  /** Where 1× is. */
  readonly ownX: number;
  readonly own: { readonly x: number; readonly text: string };
  readonly ticks: readonly Tick[];
  readonly sides: readonly AxisSide[];
  readonly axisY: number;
  readonly height: number;
}

export const TOP = 20; // for the name of the line
const HEAD = 15;
const BASIS_LINE = 17;
const DOT = HEAD + 17;
const ROW_HEIGHT = DOT + 20;
export const RADIUS = 7;
const INSET = RADIUS + 2;

/** '' where there is none: `basis` says why. */
export const sayRatio = (ratio: number | null, words: Words, say: RatioDotsWords): string =>
  ratio === null ? '' : ratioText({ ratio, reason: null }, words, say.ratio);

/** Of this GPU's speed, unless the chart is given others. */
export function ratioWords({ say }: RatioDots, { result, chart }: Words): RatioDotsWords {
  return say ?? { ...chart.ratios, own: result.thisGpu, ratio: result.ratio, head: chart.ratios.ratio };
}

/** What cannot stand on a logarithmic axis is not known. */
const known = (ratio: number | null) => (ratio !== null && Number.isFinite(ratio) && ratio > 0 ? ratio : null);

export function layOutRatioDots(input: RatioDots, { words, measure }: Pen): RatioDotsLayout {
  const { rows, width } = input;
  const say = ratioWords(input, words);
  const sorted = rows
    .map((row) => ({ ...row, ratio: known(row.ratio), low: known(row.low), high: known(row.high) }))
    .sort((a, b) => (b.ratio ?? 0) - (a.ratio ?? 0));
  const domain = domainOf(sorted);
  const x = scaleLog(domain, [INSET, Math.max(width - INSET, INSET + 1)]);
  const heads = sorted.map((row) => {
    const text = sayRatio(row.ratio, words, say);
    const room = width - measure(text, TOTAL_PX, 650) - 16;
    const label = fittingText(row.label, room, measure, NAME_PX);
    const labelWidth = measure(label, NAME_PX);
    const isWhole = label === row.label && labelWidth + 8 + measure(row.basis, SMALL_PX) <= room;
    return { row, label, labelWidth, ratioText: text, isWhole };
  });
  const below = heads.every(({ isWhole }) => isWhole) ? 0 : BASIS_LINE;
  const axisY = TOP + sorted.length * (ROW_HEIGHT + below);
  const ownX = x(1);
  const half = measure(say.own, SMALL_PX) / 2;
  const sides = [
    { x: ownX - 8, anchor: 'end' as const, text: say.slower, room: ownX - 8 },
    { x: ownX + 8, anchor: 'start' as const, text: say.faster, room: width - ownX - 8 },
  ];
  return {
    rows: heads.map(({ row, label, labelWidth, ratioText }, index) => {
      const headY = TOP + index * (ROW_HEIGHT + below) + HEAD;
      const spread = spreadOf(row);
      return {
        row,
        headY,
        label,
        ratioText,
        basis: {
          x: below > 0 ? 0 : labelWidth + 8,
          y: headY + below,
          text: fittingText(row.basis, width, measure, SMALL_PX),
        },
        dotY: headY - HEAD + below + DOT,
        x: row.ratio === null ? null : x(row.ratio),
        whisker: spread && [x(spread[0]), x(spread[1])],
      };
    }),
    ownX,
    own: { x: Math.min(Math.max(ownX, half), width - half), text: say.own },
    // The human way round on both sides: 10× slower, never 0.1× as fast.
    ticks: placeTicks(
      logTicks(domain, (value) => words.chart.ratios.tick(figures(Math.max(value, 1 / value)))).map((tick) =>
        tick.value === 1 ? { ...tick, rank: -1 } : tick,
      ),
      x,
      [0, width],
      measure,
    ),
    sides: sides.filter(({ text, room }) => measure(text, SMALL_PX) <= room),
    axisY,
    height: axisY + 38,
  };
}

/** At least a factor of four wide, so that equals do not look far apart. */
function domainOf(rows: readonly RatioRow[]): [number, number] {
  const ends = rows.flatMap((row) => [row.ratio ?? 1, ...(spreadOf(row) ?? [])]);
  const [low, high] = [Math.min(1, ...ends) / 1.25, Math.max(1, ...ends) * 1.25];
  const widen = Math.sqrt(Math.max(1, 4 / (high / low)));
  return [low / widen, high * widen];
}

function spreadOf({ ratio, low, high }: RatioRow): [number, number] | null {
  if (ratio === null || low === null || high === null) return null;
  return [Math.min(low, ratio), Math.max(high, ratio)];
}
