/**
 * Where single samples stand: each row around its own median, in percent of it, on
 * one axis. Dots that would cover one another move up or down.
 */
import { scaleLinear, ticks } from 'd3';
import { median } from '../../core/median';
import { duration, signedPercent } from '../../words/format';
import { placeTicks, type Tick } from './axis_ticks';
import type { SampleDots, SampleRow } from './chart_inputs';
import type { Pen } from './text_width';

export interface SampleDot {
  readonly row: SampleRow;
  /** From 1, in the order of measuring. */
  readonly number: number;
  readonly seconds: number;
  /** Of the median: 0.02 is 2 % longer. */
  readonly deviation: number;
  readonly x: number;
  readonly y: number;
}

export interface PlacedSamples {
  readonly row: SampleRow;
  readonly y: number;
  readonly medianSeconds: number | null;
  readonly medianText: string;
  /** The farthest sample's distance from the median, in parts of it. */
  readonly farthest: number;
  readonly dots: readonly SampleDot[];
}

export interface SampleDotsLayout {
  readonly rows: readonly PlacedSamples[];
  readonly medianX: number;
  readonly ticks: readonly Tick[];
  readonly axisY: number;
  readonly height: number;
}

export const ROW_HEIGHT = 62;
export const HEAD = 15;
export const DOT_Y = 38;
export const RADIUS = 4;
const HALF_BAND = 14;

/** Null where no row has a sample. */
export function layOutSampleDots({ rows, width }: SampleDots, { words, measure }: Pen): SampleDotsLayout | null {
  const sampled = rows.map((row) => {
    const samples = row.figure.samples.map((seconds, index) => ({ seconds, number: index + 1 }));
    const real = samples.filter(({ seconds }) => Number.isFinite(seconds) && seconds > 0);
    const middle = real.length > 0 ? median(real.map(({ seconds }) => seconds)) : null;
    const dots = real.map((sample) => ({ ...sample, row, deviation: sample.seconds / middle! - 1 }));
    return { row, middle, dots, farthest: Math.max(0, ...dots.map(({ deviation }) => Math.abs(deviation))) };
  });
  if (sampled.every(({ dots }) => dots.length === 0)) return null;

  // A thousandth either way is not worth an axis of its own.
  const reach = Math.max(0.01, ...sampled.map(({ farthest }) => farthest)) * 1.05;
  const lowest = -Math.min(reach, 1); // no sample is more than its whole median too short
  const inset = RADIUS + 2;
  const x = scaleLinear([lowest, reach], [inset, Math.max(width - inset, inset + 1)]);
  const axisY = rows.length * ROW_HEIGHT;
  return {
    rows: sampled.map(({ row, middle, dots, farthest }, index) => ({
      row,
      y: index * ROW_HEIGHT,
      medianSeconds: middle,
      medianText: middle === null ? words.chart.samples.noneKept : duration(middle, words),
      farthest,
      dots: stack(
        dots.map((dot) => ({ ...dot, x: x(dot.deviation) })),
        index * ROW_HEIGHT + DOT_Y,
      ),
    })),
    medianX: x(0),
    ticks: placeTicks(
      ticks(lowest * 100, reach * 100, width < 480 ? 4 : 8).map((value) => ({
        value,
        text: value === 0 ? words.chart.samples.median : signedPercent(value / 100),
        rank: value === 0 ? -1 : 0,
      })),
      (value) => x(value / 100),
      [0, width],
      measure,
    ),
    axisY,
    height: axisY + 22,
  };
}

/** Each dot at the free height that is nearest to the middle; where the band is full, over the others. */
function stack<Dot extends { readonly x: number }>(dots: readonly Dot[], middle: number): (Dot & { y: number })[] {
  const offsets = [0];
  for (let offset = RADIUS; offset <= HALF_BAND - RADIUS; offset += RADIUS) offsets.push(-offset, offset);
  const placed: (Dot & { y: number })[] = [];
  for (const dot of dots) {
    const free = offsets.find((offset) =>
      placed.every((other) => Math.hypot(other.x - dot.x, other.y - middle - offset) >= 2 * RADIUS),
    );
    placed.push({ ...dot, y: middle + (free ?? 0) });
  }
  return placed;
}
