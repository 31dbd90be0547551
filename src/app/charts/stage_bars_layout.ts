/**
 * Where every mark of the stage bars stands: rows and a width in, numbers out.
 * No document, no words; `stage_bars.ts` draws it, and a snapshot holds it.
 */
import { scaleLinear } from 'd3';
import type { Figure } from '../../core/result';

export type BarStage = 'load' | 'encode' | 'image' | 'denoise' | 'decode';

export interface BarPart {
  readonly stage: BarStage;
  readonly figure: Figure;
}

export interface BarRow {
  readonly id: string;
  readonly label: string;
  /** What else is known of the row; as many as fit are shown. */
  readonly notes: readonly string[];
  readonly own: boolean;
  /** Null: this row has not been run. Its place is kept. */
  readonly parts: readonly BarPart[] | null;
}

export interface Segment {
  readonly part: BarPart;
  readonly x: number;
  readonly width: number;
  readonly share: number;
  readonly label: string;
  readonly labelX: number;
}

export interface Bar {
  readonly row: BarRow;
  readonly y: number;
  readonly totalSeconds: number;
  readonly segments: readonly Segment[];
}

export interface StageBarsLayout {
  readonly width: number;
  readonly height: number;
  readonly axisY: number;
  readonly ticks: readonly { readonly x: number; readonly value: number }[];
  /** Ticks are multiples of this many seconds; 1 in percent, where ticks are 0–100. */
  readonly tickUnit: 'ms' | 's' | 'min' | 'h' | 'd' | '%';
  readonly bars: readonly Bar[];
}

export const ROW_HEIGHT = 82;
export const HEAD = 17; // baseline of the row's name
export const BAR_TOP = 27;
export const BAR_HEIGHT = 22;
export const LABEL = BAR_TOP + BAR_HEIGHT + 17;

const UNIT_SECONDS = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86400 } as const;
const LABEL_GAP = 10;

export interface Label {
  readonly text: string;
  readonly width: number;
}

export interface StageBarsOptions {
  readonly width: number;
  readonly scale: 'seconds' | 'percent';
  /** A part's label and its width in pixels; the short form is for rows whose labels do not fit. */
  readonly label: (part: BarPart, share: number, short: boolean) => Label;
}

export function layOutStageBars(rows: readonly BarRow[], { width, scale, label }: StageBarsOptions): StageBarsLayout {
  const totals = rows.map(({ parts }) => (parts ?? []).reduce((sum, { figure }) => sum + figure.seconds, 0));
  const longest = Math.max(...totals, 0);
  const tickUnit = scale === 'percent' ? '%' : unitFor(longest);
  const unit = tickUnit === '%' ? 1 : UNIT_SECONDS[tickUnit];
  const end = scale === 'percent' ? 100 : longest / unit;
  const x = scaleLinear([0, end || 1], [0, width]);

  const bars = rows.map((row, index): Bar => {
    const totalSeconds = totals[index]!;
    let begin = 0;
    const placed = (row.parts ?? []).map((part) => {
      const share = totalSeconds > 0 ? part.figure.seconds / totalSeconds : 0;
      const length = scale === 'percent' ? share * 100 : part.figure.seconds / unit;
      const left = x(begin);
      begin += length;
      return { part, share, x: left, width: x(begin) - left };
    });
    const labelled = (short: boolean) => placed.map(({ part, share }) => label(part, share, short));
    const labels = fits(labelled(false), width) ? labelled(false) : labelled(true);
    const labelXs = spread(
      placed.map(({ x }) => x),
      labels.map((each) => each.width),
      width,
    );
    return {
      row,
      y: index * ROW_HEIGHT,
      totalSeconds,
      segments: placed.map((segment, at) => ({ ...segment, label: labels[at]!.text, labelX: labelXs[at]! })),
    };
  });

  const axisY = rows.length * ROW_HEIGHT;
  const ticks = longest > 0 ? x.ticks(width < 480 ? 4 : 8).map((value) => ({ x: x(value), value })) : [];
  return { width, height: axisY + 22, axisY, ticks, tickUnit, bars };
}

const fits = (labels: readonly Label[], width: number) =>
  labels.reduce((sum, label) => sum + label.width + LABEL_GAP, -LABEL_GAP) <= width;

/** Labels start at their segments where there is room, and else beside their neighbour, inside the chart. */
function spread(wanted: readonly number[], widths: readonly number[], width: number): number[] {
  const xs = [...wanted];
  for (let i = 1; i < xs.length; i++) xs[i] = Math.max(xs[i]!, xs[i - 1]! + widths[i - 1]! + LABEL_GAP);
  let limit = width;
  for (let i = xs.length - 1; i >= 0; i--) {
    xs[i] = Math.max(Math.min(xs[i]!, limit - widths[i]!), 0);
    limit = xs[i]! - LABEL_GAP;
  }
  return xs;
}

function unitFor(seconds: number): Exclude<StageBarsLayout['tickUnit'], '%'> {
  if (seconds < 1) return 'ms';
  if (seconds < 300) return 's';
  if (seconds < 3 * 3600) return 'min';
  return seconds < 72 * 3600 ? 'h' : 'd';
}
