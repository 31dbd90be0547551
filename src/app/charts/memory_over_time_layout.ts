/** Where the line of held GPU memory runs: it holds its value until the next sample, from zero bytes and the first second. */
import { area, curveStepAfter, line, scaleLinear } from 'd3';
import type { MemorySample } from '../../core/result';
import { byteCount } from '../../words/format';
import type { SideTick } from './axis';
import { byteTicks, placeTicks, type Tick, timeTicks } from './axis_ticks';
import type { MemoryOverTime } from './chart_inputs';
import { fittingText, type Pen, SMALL_PX } from './text_width';

export interface MemoryPoint {
  readonly sample: MemorySample;
  readonly x: number;
  readonly y: number;
}

export interface MemoryLayout {
  readonly left: number;
  readonly points: readonly MemoryPoint[];
  readonly peak: MemoryPoint;
  readonly peakLabel: { readonly x: number; readonly y: number; readonly text: string };
  readonly linePath: string;
  readonly areaPath: string;
  /** `y` null: so far above the peak that the chart ends below it. */
  readonly limit: { readonly bytes: number; readonly y: number | null; readonly text: string } | null;
  readonly yTicks: readonly SideTick[];
  readonly xTicks: readonly Tick[];
  readonly bottom: number;
  readonly height: number;
}

const TOP = 20; // for the limit's name
const TALL = 150;
const PEAK_ROOM = 1.2; // for the peak's name above it

/** Null where nothing was sampled. */
export function layOutMemory({ samples, limitBytes, width }: MemoryOverTime, pen: Pen): MemoryLayout | null {
  const { words, measure } = pen;
  const real = samples
    .filter(({ atSeconds, bytes }) => atSeconds >= 0 && bytes >= 0 && Number.isFinite(atSeconds + bytes))
    .sort((a, b) => a.atSeconds - b.atSeconds);
  if (real.length === 0) return null;
  const peakSample = real.reduce((most, sample) => (sample.bytes > most.bytes ? sample : most));
  const limit = limitBytes !== null && Number.isFinite(limitBytes) && limitBytes > 0 ? limitBytes : null;
  const isNear = limit !== null && limit < 2.5 * peakSample.bytes;
  const end = Math.max(peakSample.bytes * PEAK_ROOM, isNear ? limit * 1.04 : 0, 1);
  const lastSecond = Math.max(real.at(-1)!.atSeconds, 0.001);

  const bottom = TOP + TALL;
  const y = scaleLinear([0, end], [bottom, TOP]);
  const byteValues = byteTicks(end, 4);
  const left = Math.max(...byteValues.map(({ text }) => measure(text, SMALL_PX))) + 10;
  const x = scaleLinear([0, lastSecond], [left, Math.max(width, left + 1)]);
  const points = real.map((sample) => ({ sample, x: x(sample.atSeconds), y: y(sample.bytes) }));
  const peak = points[real.indexOf(peakSample)]!;
  const peakText = words.chart.memory.peak(byteCount(peakSample.bytes));
  const half = measure(peakText, SMALL_PX) / 2;
  const limitName =
    limit === null ? '' : (isNear ? words.chart.memory.limit : words.chart.memory.limitAbove)(byteCount(limit));
  // The limit's name stands above its line at the left; the peak's keeps out of its way by going below it, and right.
  const limitWidth = measure(limitName, SMALL_PX);
  const limitY = isNear ? y(limit) : null;
  const nearLimit = limitY !== null && Math.abs(peak.y - 7 - (limitY - 5)) < 16;
  const peakX = Math.min(Math.max(peak.x, left + half + (nearLimit ? limitWidth + 10 : 0)), width - half);
  return {
    left,
    points,
    peak,
    peakLabel: { x: peakX, y: peak.y - 7, text: peakText },
    linePath: line<MemoryPoint>(
      (p) => p.x,
      (p) => p.y,
    ).curve(curveStepAfter)(points)!,
    areaPath: area<MemoryPoint>(
      (p) => p.x,
      bottom,
      (p) => p.y,
    ).curve(curveStepAfter)(points)!,
    limit:
      limit === null
        ? null
        : { bytes: limit, y: limitY, text: fittingText(limitName, width - left, measure, SMALL_PX) },
    yTicks: byteValues.map(({ value, text }) => ({ y: y(value), text })),
    xTicks: placeTicks(
      timeTicks(lastSecond, Math.max(2, Math.floor((width - left) / 90)), words),
      x,
      [left, width],
      measure,
    ),
    bottom,
    height: bottom + 22,
  };
}
