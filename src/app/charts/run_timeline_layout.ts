/** Where the spans of a run stand: a lane a kind of work, one axis of seconds, nothing where nothing ran. */
import { scaleLinear } from 'd3';
import type { Span } from '../../core/result';
import { duration } from '../../words/format';
import { placeTicks, type Tick, timeTicks } from './axis_ticks';
import type { RunTimeline } from './chart_inputs';
import { NAME_PX, type Pen, SMALL_PX } from './text_width';

export const LANES: readonly Span['lane'][] = ['fetch', 'upload', 'encode', 'denoise', 'decode'];

export interface PlacedSpan {
  readonly span: Span;
  readonly x: number;
  readonly width: number;
}

export interface Lane {
  readonly lane: Span['lane'];
  readonly y: number;
  /** Of the time in which this lane had work; overlapping spans count once. */
  readonly busySeconds: number;
  readonly busyText: string;
  readonly spans: readonly PlacedSpan[];
}

export interface RunTimelineLayout {
  readonly left: number;
  readonly lanes: readonly Lane[];
  readonly ticks: readonly Tick[];
  readonly seconds: number;
  /** In which no lane had work. */
  readonly idleSeconds: number;
  readonly axisY: number;
  readonly height: number;
}

export const LANE_HEIGHT = 40;
export const SPAN_HEIGHT = 24;

/** Null where there is no time at all to draw. */
export function layOutTimeline({ spans, seconds, width }: RunTimeline, pen: Pen): RunTimelineLayout | null {
  const { words, measure } = pen;
  const real = spans.filter(
    ({ fromSeconds, toSeconds }) => fromSeconds >= 0 && toSeconds > fromSeconds && toSeconds < 1e9,
  );
  const last = Math.max(0, ...real.map(({ toSeconds }) => toSeconds));
  const total = seconds !== null && Number.isFinite(seconds) ? Math.max(seconds, last) : last;
  if (total <= 0 || real.length === 0) return null;

  const used = LANES.map((lane) => ({ lane, spans: real.filter((span) => span.lane === lane) }))
    .filter(({ spans }) => spans.length > 0)
    .map(({ lane, spans }) => {
      const busySeconds = coveredSeconds(spans);
      return { lane, spans, busySeconds, busyText: duration(busySeconds, words) };
    });
  const names = used.flatMap(({ lane, busyText }) => [
    measure(words.chart.lanes[lane], NAME_PX),
    measure(busyText, SMALL_PX),
  ]);
  const left = Math.ceil(Math.max(...names)) + 12;
  const x = scaleLinear([0, total], [left, Math.max(width, left + 1)]);
  const lanes = used.map(({ spans, ...lane }, index): Lane => {
    const inOrder = [...spans].sort((a, b) => a.fromSeconds - b.fromSeconds);
    return {
      ...lane,
      y: index * LANE_HEIGHT,
      spans: inOrder.map((span) => ({
        span,
        x: x(span.fromSeconds),
        width: x(span.toSeconds) - x(span.fromSeconds),
      })),
    };
  });
  const axisY = lanes.length * LANE_HEIGHT;
  const count = Math.max(2, Math.floor((width - left) / 90));
  return {
    left,
    lanes,
    ticks: placeTicks(timeTicks(total, count, words), x, [left, width], measure),
    seconds: total,
    idleSeconds: Math.max(0, total - coveredSeconds(real)),
    axisY,
    height: axisY + 22,
  };
}

/** By at least one span. */
export function coveredSeconds(spans: readonly Span[]): number {
  let covered = 0;
  let end = 0;
  for (const { fromSeconds, toSeconds } of [...spans].sort((a, b) => a.fromSeconds - b.fromSeconds)) {
    covered += Math.max(0, toSeconds - Math.max(fromSeconds, end));
    end = Math.max(end, toSeconds);
  }
  return covered;
}
