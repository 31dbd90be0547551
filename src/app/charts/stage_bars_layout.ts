/**
 * Where every mark of the stage bars stands: rows and a width in, numbers out.
 * No document, no words; `stage_bars.ts` draws it, and a snapshot holds it.
 */
import { scaleLinear } from 'd3';
import type { Figure } from '../../core/result';
import { timeUnit, UNIT_SECONDS } from './axis_ticks';

/** `total` is a run whose source tells no stages. */
export type BarStage = 'load' | 'encode' | 'image' | 'denoise' | 'decode' | 'total';

export interface BarPart {
  readonly stage: BarStage;
  readonly figure: Figure;
}

export interface BarRow {
  readonly id: string;
  readonly label: string;
  /** What else is known of the row; as many as fit are shown. */
  readonly notes: readonly string[];
  /** That its figures are not of what it ran: has a line of its own, and is never left out. */
  readonly basis?: string;
  readonly own: boolean;
  /** Null: this row has not been run. Its place is kept. */
  readonly parts: readonly BarPart[] | null;
  /** Stages that took time, and whose source does not say how much. */
  readonly missing?: readonly BarStage[];
}

/** Stands after the known stages, whose lengths and places are then true; its own length says nothing. */
export interface Gap {
  readonly stage: BarStage;
  readonly x: number;
  readonly width: number;
  readonly label: string;
  readonly labelX: number;
}

export interface Segment {
  readonly part: BarPart;
  readonly x: number;
  readonly width: number;
  /** Of the row's total; null where a missing stage leaves that open. */
  readonly share: number | null;
  readonly label: string;
  readonly labelX: number;
}

export interface Bar {
  readonly row: BarRow;
  /** Of the row without its basis, which stands above. */
  readonly y: number;
  readonly totalSeconds: number;
  readonly segments: readonly Segment[];
  readonly gaps: readonly Gap[];
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

export const BASIS_LINE = 17;

const LABEL_GAP = 10;
const GAP_WIDTH = 36; // of a missing stage

export interface Label {
  readonly text: string;
  readonly width: number;
}

export interface StageBarsOptions {
  readonly width: number;
  readonly scale: 'seconds' | 'percent';
  /** A part's label and its width in pixels; the short form is for rows whose labels do not fit. */
  readonly label: (part: BarPart, share: number | null, short: boolean) => Label;
  /** A missing stage's. */
  readonly gapLabel?: (stage: BarStage, short: boolean) => Label;
}

export function layOutStageBars(rows: readonly BarRow[], options: StageBarsOptions): StageBarsLayout {
  const { width, scale } = options;
  const known = rows.map(knownParts);
  const totals = known.map(({ parts }) => parts.reduce((sum, { figure }) => sum + figure.seconds, 0));
  const longest = Math.max(...totals, 0);
  const tickUnit = scale === 'percent' ? '%' : timeUnit(longest);
  const unit = tickUnit === '%' ? 1 : UNIT_SECONDS[tickUnit];
  const end = scale === 'percent' ? 100 : longest / unit;
  // Every row keeps the room of the row with most gaps, or one axis would not do for all.
  const room = Math.max(0, ...known.map(({ missing }) => missing.length)) * GAP_WIDTH;
  const x = scaleLinear([0, end || 1], [0, Math.max(width - room, 0)]);

  let top = 0;
  const bars = rows.map((row, index): Bar => {
    const { parts, missing } = known[index]!;
    const totalSeconds = totals[index]!;
    let begin = 0;
    const segments = parts.map((part) => {
      const share = totalSeconds > 0 ? part.figure.seconds / totalSeconds : 0;
      const length = scale === 'percent' ? share * 100 : part.figure.seconds / unit;
      const left = x(begin);
      begin += length;
      return { part, share: missing.length > 0 ? null : share, x: left, width: x(begin) - left };
    });
    const gaps = missing.map((stage, at) => ({ stage, x: x(begin) + at * GAP_WIDTH, width: GAP_WIDTH }));
    const labels = labelled(segments, gaps, options);
    const y = top + basisHeight(row);
    top = y + ROW_HEIGHT;
    return {
      row,
      y,
      totalSeconds,
      segments: segments.map((segment, at) => ({ ...segment, ...labels[at]! })),
      gaps: gaps.map((gap, at) => ({ ...gap, ...labels[segments.length + at]! })),
    };
  });

  const axisY = top;
  const ticks = longest > 0 ? x.ticks(width < 480 ? 4 : 8).map((value) => ({ x: x(value), value })) : [];
  return { width, height: axisY + 22, axisY, ticks, tickUnit, bars };
}

/** What a row's name stands higher by. */
export const basisHeight = ({ basis }: BarRow): number => (basis ? BASIS_LINE : 0);

/** What is no number is not known, and never zero. */
function knownParts({ parts, missing = [] }: BarRow) {
  const isKnown = ({ figure }: BarPart) => Number.isFinite(figure.seconds) && figure.seconds >= 0;
  const unknown = (parts ?? []).filter((part) => !isKnown(part)).map(({ stage }) => stage);
  return { parts: (parts ?? []).filter(isKnown), missing: [...missing, ...unknown] };
}

interface Placed {
  readonly x: number;
  readonly width: number;
}

function labelled(
  segments: readonly (Placed & Pick<Segment, 'part' | 'share'>)[],
  gaps: readonly (Placed & Pick<Gap, 'stage'>)[],
  { width, label, gapLabel }: StageBarsOptions,
): { readonly label: string; readonly labelX: number }[] {
  const all = (short: boolean) => [
    ...segments.map(({ part, share }) => label(part, share, short)),
    ...gaps.map(({ stage }) => gapLabel?.(stage, short) ?? NO_LABEL),
  ];
  const labels = fits(all(false), width) ? all(false) : all(true);
  // The shortest segments are the first to go without.
  const places: readonly Placed[] = [...segments, ...gaps];
  const byWidth = places.map((_, at) => at).sort((a, b) => places[a]!.width - places[b]!.width);
  for (const at of byWidth) if (!fits(labels, width)) labels[at] = NO_LABEL;
  const xs = spread(places, labels, width);
  return labels.map(({ text }, at) => ({ label: text, labelX: xs[at]! }));
}

const NO_LABEL: Label = { text: '', width: -LABEL_GAP };

const fits = (labels: readonly Label[], width: number) =>
  labels.reduce((sum, label) => sum + label.width + LABEL_GAP, -LABEL_GAP) <= width;

/** Labels start at their segments where there is room, and else beside their neighbour, inside the chart. */
function spread(places: readonly Placed[], labels: readonly Label[], width: number): number[] {
  const xs = places.map(({ x }) => x);
  let from = 0;
  for (const [i, label] of labels.entries()) {
    if (label === NO_LABEL) continue;
    xs[i] = Math.max(xs[i]!, from);
    from = xs[i]! + label.width + LABEL_GAP;
  }
  let limit = width;
  for (let i = xs.length - 1; i >= 0; i--) {
    if (labels[i] === NO_LABEL) continue;
    xs[i] = Math.max(Math.min(xs[i]!, limit - labels[i]!.width), 0);
    limit = xs[i]! - LABEL_GAP;
  }
  return xs;
}
