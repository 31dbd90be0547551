/**
 * Where the dots and roofs of a roofline stand (Williams, Waterman, Patterson 2009):
 * FLOP per byte to the right, FLOP per second upwards, both logarithmic. Below a
 * roof's slope memory is waited for, below its flat part arithmetic.
 */
import { scaleLog } from 'd3';
import { type KernelRow, kernelRows, usesMatrixUnits } from '../../compare/kernel_rows';
import { figures, rate } from '../../words/format';
import type { SideTick } from './axis';
import { logTicks, placeTicks, type Tick } from './axis_ticks';
import type { Roofline } from './chart_inputs';
import { type Box, placeLabels } from './label_places';
import { fittingText, type Measure, type Pen, SMALL_PX } from './text_width';

export interface Dot {
  readonly kernel: KernelRow;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Null: there was no room for it. `y` is the baseline. */
  readonly label: { readonly x: number; readonly y: number; readonly text: string } | null;
}

export interface Roof {
  /** In whole; `label` is as much of it as fits. */
  readonly name: string;
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly measured: boolean;
  /** The one that the kernels are held against. */
  readonly main: boolean;
  readonly points: readonly (readonly [number, number])[];
  /** In the key above the plot, where the order is that of the roofs: `x` of its line, whose width is `KEY_LINE`. */
  readonly label: { readonly x: number; readonly y: number; readonly text: string };
}

export interface RooflineLayout {
  readonly plot: Box;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly SideTick[];
  readonly roofs: readonly Roof[];
  readonly ridge: {
    readonly x: number;
    readonly y: number;
    readonly text: string;
    readonly textX: number;
    readonly textY: number;
  };
  readonly halves: readonly {
    readonly x: number;
    readonly anchor: 'start' | 'end';
    readonly lines: readonly string[];
  }[];
  /** Longest first. */
  readonly dots: readonly Dot[];
  /** Kernels that do no arithmetic, or move nothing: a logarithmic axis has no place for them. */
  readonly left: readonly KernelRow[];
  readonly height: number;
}

export const KEY_LINE = 20;
const KEY_GAP = 18;
const LINE = 18;
const FOOT = 38; // inside the plot, for the names of the halves
const LABELS = 10;

export function layOutRoofline(input: Roofline, pen: Pen): RooflineLayout | null {
  const { words, measure } = pen;
  const { roofs, width } = input;
  const timed = input.kernels.filter(({ seconds }) => isPositive(seconds));
  const rows = kernelRows({ kernels: timed, roofs });
  const drawn = rows.filter(isPlaceable);
  const lines = roofLines(input, pen)
    .filter(({ flopsPerSecond, bytesPerSecond }) => isPositive(flopsPerSecond) && isPositive(bytesPerSecond))
    .sort((a, b) => b.flopsPerSecond - a.flopsPerSecond);
  const main = lines.find(({ main }) => main);
  if (!main || drawn.length === 0) return null;

  const ridges = lines.map(({ flopsPerSecond, bytesPerSecond }) => flopsPerSecond / bytesPerSecond);
  const ridge = main.flopsPerSecond / main.bytesPerSecond;
  const heights = [...drawn.map(({ flopsPerSecond }) => flopsPerSecond), ...lines.map((line) => line.flopsPerSecond)];
  const yDomain: [number, number] = [Math.min(...heights) / 3, Math.max(...heights) * 1.3];
  const yAll = logTicks(yDomain, (value) => rate(value, ''));
  const yPowers = yAll.filter(({ rank }) => rank === 0);
  const yValues = yPowers.length > 2 ? yPowers : yAll;
  const left = Math.max(...yValues.map(({ text }) => measure(text, SMALL_PX)), 0) + 10;
  const plotWidth = Math.max(width - left, 1);

  const { halves } = words.chart.roofline;
  const intensities = [...drawn.map(intensityOf), ...ridges];
  const xDomain = roomBeside(
    ridge,
    [Math.min(...intensities) / 2.5, Math.max(...intensities) * 2.5],
    [halves.memory, halves.arithmetic].map((lines) => (widest(lines, measure) + 20) / plotWidth),
  );
  const x = scaleLog(xDomain, [left, left + plotWidth]);

  const tall = Math.min(Math.max(width * 0.5, 220), 380);
  const y = scaleLog(yDomain, [tall - FOOT, 0]);
  const key = keyOf(lines, width, measure);
  const ridgeY = key.height + 12;
  const top = ridgeY + 6;
  const plot: Box = { left, right: left + plotWidth, top, bottom: top + tall };

  const placed: Roof[] = lines.map((roof, index) => {
    const { flopsPerSecond, bytesPerSecond } = roof;
    const enters = Math.max(xDomain[0], yDomain[0] / bytesPerSecond);
    const corners = [enters, flopsPerSecond / bytesPerSecond, xDomain[1]];
    return {
      ...roof,
      points: corners.map((at) => [x(at), top + y(Math.min(at * bytesPerSecond, flopsPerSecond))] as const),
      label: key.labels[index]!,
    };
  });

  const largest = width < 480 ? 18 : 28;
  const circles = drawn.map((kernel) => ({
    kernel,
    x: x(intensityOf(kernel)),
    y: top + y(kernel.flopsPerSecond),
    radius: Math.max(Math.sqrt(kernel.share) * largest, 3),
  }));
  const labels = placeLabels(
    circles.map(({ kernel, ...circle }, index) => ({ ...circle, text: index < LABELS ? kernel.kernel : '' })),
    { ...plot, bottom: plot.bottom - FOOT },
    measure,
  );

  const ridgeText = words.chart.roofline.ridge(figures(ridge));
  const half = measure(ridgeText, SMALL_PX) / 2;
  return {
    plot,
    xTicks: placeTicks(logTicks(xDomain, figures), x, [left, plot.right], measure),
    yTicks: yValues.map(({ value, text }) => ({ y: top + y(value), text })),
    roofs: placed,
    ridge: {
      x: x(ridge),
      y: top + y(main.flopsPerSecond),
      text: ridgeText,
      textY: ridgeY,
      textX: Math.max(Math.min(Math.max(x(ridge), left + half), plot.right - half), half),
    },
    halves: [
      { x: x(ridge) - 8, anchor: 'end', lines: halves.memory },
      { x: x(ridge) + 8, anchor: 'start', lines: halves.arithmetic },
    ],
    dots: circles.map((circle, index) => ({ ...circle, label: labels[index]! })),
    left: rows.filter((row) => !isPlaceable(row)),
    height: plot.bottom + 38,
  };
}

const widest = (lines: readonly string[], measure: Measure) =>
  Math.max(...lines.map((text) => measure(text, SMALL_PX)));
const isPositive = (value: number) => Number.isFinite(value) && value > 0;
const isPlaceable = ({ flops, bytes }: KernelRow) => isPositive(flops) && isPositive(bytes);
export const intensityOf = ({ flops, bytes }: KernelRow): number => flops / bytes;

function roofLines({ roofs, sheets, kernels }: Roofline, { words }: Pen) {
  const { measured, f32, f16, matrix } = words.chart.roofline;
  const { bytesPerSecond } = roofs;
  const onMatrices = usesMatrixUnits(kernels) && roofs.matrixFlopsPerSecond !== null;
  const own = [
    { what: f32, flopsPerSecond: roofs.fp32FlopsPerSecond, main: !onMatrices },
    { what: f16, flopsPerSecond: roofs.f16FlopsPerSecond ?? 0, main: false },
    { what: matrix, flopsPerSecond: roofs.matrixFlopsPerSecond ?? 0, main: onMatrices },
  ];
  return [
    ...own.map(({ what, flopsPerSecond, main }) => {
      const name = measured(what, rate(flopsPerSecond, 'FLOP/s'));
      return { name, flopsPerSecond, bytesPerSecond, main, measured: true };
    }),
    ...sheets.map(({ label, ...sheet }) => {
      const name = words.chart.roofline.sheet(label, rate(sheet.flopsPerSecond, 'FLOP/s'));
      return { name, ...sheet, main: false, measured: false };
    }),
  ];
}

/** One after the other, in as many lines as it takes. */
function keyOf(roofs: readonly { readonly name: string }[], width: number, measure: Measure) {
  let [x, y] = [0, 12];
  const labels = roofs.map(({ name }) => {
    const text = fittingText(name, width - KEY_LINE - 6, measure, SMALL_PX);
    const taken = KEY_LINE + 6 + measure(text, SMALL_PX);
    if (x > 0 && x + taken > width) [x, y] = [0, y + LINE];
    const label = { x, y, text };
    x += taken + KEY_GAP;
    return label;
  });
  return { labels, height: y + 10 };
}

/** Widens a logarithmic domain until `at` has the wanted shares of it on either side. */
function roomBeside(at: number, [low, high]: [number, number], shares: readonly number[]): [number, number] {
  const [before = 0, after = 0] = shares.map((share) => Math.min(share, 0.48));
  const [toLow, toHigh] = [Math.log(at / low), Math.log(high / at)];
  const wantLow = Math.max(toLow, (toHigh * before) / (1 - before));
  const wantHigh = Math.max(toHigh, (wantLow * after) / (1 - after));
  return [at / Math.exp(wantLow), at * Math.exp(wantHigh)];
}
