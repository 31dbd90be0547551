/** Where the ticks of a strip of steps stand: one a step, its height its seconds, from zero. Warm-up stands apart. */

import { line, scaleLinear, ticks } from 'd3';
import { extent } from '../../core/extent';
import { median } from '../../core/median';
import { TREND_LIMIT, trendOf } from '../../core/step_trend';
import { duration } from '../../words/format';
import type { SideTick } from './axis';
import { placeTicks, type Tick, timeTicks } from './axis_ticks';
import type { StepStrip } from './chart_inputs';
import { type Pen, SMALL_PX } from './text_width';

export interface StepTick {
  readonly warmUp: boolean;
  /** From 1, in its group. */
  readonly number: number;
  readonly seconds: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** It is longer than the strip is high. */
  readonly cut: boolean;
}

export interface StepStripLayout {
  readonly left: number;
  readonly right: number;
  readonly steps: readonly StepTick[];
  readonly medianSeconds: number;
  readonly medianY: number;
  readonly medianText: string;
  /** From first to last step; null: too few to tell. */
  readonly trend: number | null;
  /** Of the trend, where it is beyond the limit. */
  readonly trendPath: string | null;
  readonly yTicks: readonly SideTick[];
  readonly xTicks: readonly Tick[];
  /** Beneath the warm-up, and above it what a cut tick stands for. */
  readonly warmUpLabel: { readonly x: number; readonly text: string; readonly cutText: string } | null;
  readonly bottom: number;
  readonly height: number;
}

const TOP = 20; // for the median's name above the highest tick
const TALL = 110;
const GROUP_GAP = 18;
const WIDEST_TICK = 14;
const WIDEST_SLOT = 44;

const isTime = (seconds: number) => Number.isFinite(seconds) && seconds > 0;

/** Null where nothing was timed. */
export function layOutStepStrip({ step, width }: StepStrip, { words, measure }: Pen): StepStripLayout | null {
  const samples = step.samples.filter(isTime);
  const warmUp = (step.warmUp ?? []).filter(isTime);
  if (samples.length === 0) return null;
  const middle = median(samples);
  // A first step that also compiles may take ten times as long: it is cut, so that the others can be told apart.
  const end = extent(samples).max * 1.08;
  const bottom = TOP + TALL;
  const y = scaleLinear([0, end], [bottom, TOP]).clamp(true);
  const ticksOfTime = timeTicks(end, 3, words);
  const left = Math.max(...ticksOfTime.map(({ text }) => measure(text, SMALL_PX))) + 10;

  const { warmUp: warmUpText } = words.chart.steps;
  const slots = samples.length + warmUp.length;
  const labelWidth = warmUp.length > 0 ? measure(warmUpText, SMALL_PX) : 0;
  const pitch = Math.min(
    (width - left - (warmUp.length > 0 ? GROUP_GAP : 0)) / slots,
    (width - left - (warmUp.length > 0 ? labelWidth + GROUP_GAP : 0)) / samples.length,
    WIDEST_SLOT,
  );
  const slot = Math.max(pitch, 0.1);
  const groupWidth = warmUp.length > 0 ? Math.max(warmUp.length * slot, labelWidth) + GROUP_GAP : 0;
  const start = left + groupWidth;
  const tickWidth = Math.min(slot * 0.7, WIDEST_TICK);
  const medianText = words.chart.medianOf(duration(middle, words));
  // The strip ends with its last step, if the median's name has room before that.
  const right = Math.min(width, Math.max(start + samples.length * slot, start + measure(medianText, SMALL_PX) + 40));
  const place = (from: number, isWarmUp: boolean) => (seconds: number, index: number) => ({
    warmUp: isWarmUp,
    number: index + 1,
    seconds,
    x: from + (index + 0.5) * slot - tickWidth / 2,
    y: y(seconds),
    width: tickWidth,
    cut: seconds > end,
  });

  const longestWarmUp = Math.max(0, ...warmUp);
  const trend = trendOf(samples);
  const stepX = (number: number) => start + (number - 0.5) * slot;
  const numbers = ticks(1, samples.length, Math.min(samples.length, 8)).filter(Number.isInteger);
  return {
    left,
    steps: [...warmUp.map(place(left, true)), ...samples.map(place(start, false))],
    medianSeconds: middle,
    medianY: y(middle),
    medianText,
    right,
    trend,
    trendPath: trend !== null && Math.abs(trend) > TREND_LIMIT ? trendPath(samples, trend, stepX, y) : null,
    yTicks: ticksOfTime.map(({ value, text }) => ({ y: y(value), text })),
    xTicks: placeTicks(
      numbers.map((value) => ({ value, text: String(value), rank: value === 1 ? -1 : 0 })),
      stepX,
      [start, right],
      measure,
    ),
    warmUpLabel:
      warmUp.length > 0
        ? {
            x: left,
            text: warmUpText,
            cutText: longestWarmUp > end ? duration(longestWarmUp, words) : '',
          }
        : null,
    bottom,
    height: bottom + 22,
  };
}

/** The line of `trendOf`, through the middle of the samples. */
function trendPath(
  samples: readonly number[],
  trend: number,
  x: (number: number) => number,
  y: (seconds: number) => number,
): string {
  const middle = median(samples);
  const first = middle / (1 + trend / 2);
  return line()([
    [x(1), y(first)],
    [x(samples.length), y(first * (1 + trend))],
  ])!;
}
