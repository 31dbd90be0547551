/**
 * Where the dots and roofs of a roofline stand (Williams, Waterman, Patterson 2009):
 * FLOP per byte to the right, FLOP per second upwards, both logarithmic. Below a
 * roof's slope memory is waited for, below its flat part arithmetic.
 */
import { scaleLog } from 'd3';
import { figures, rate } from '../../words/format';
import { type KernelRow, kernelRows } from '../kernel_rows';
import type { SideTick } from './axis';
import { logTicks, placeTicks, type Tick } from './axis_ticks';
import type { Roofline } from './chart_inputs';
import { type Box, placeLabels } from './label_places';
import { fittingText, type Pen, SMALL_PX } from './text_width';

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
  readonly points: readonly (readonly [number, number])[];
  readonly label: { readonly y: number; readonly text: string };
}

export interface RooflineLayout {
  readonly plot: Box;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly SideTick[];
  readonly roofs: readonly Roof[];
  readonly ridge: { readonly x: number; readonly y: number; readonly text: string; readonly textX: number };
  readonly halves: readonly { readonly x: number; readonly anchor: 'start' | 'end'; readonly text: string }[];
  /** Longest first. */
  readonly dots: readonly Dot[];
  /** Kernels that do no arithmetic, or move nothing: a logarithmic axis has no place for them. */
  readonly left: readonly KernelRow[];
  readonly height: number;
}

const LINE = 15;
const TOP = 18; // for the ridge's name
const FOOT = 20; // inside the plot, for the names of the halves
const LABELS = 10;

export function layOutRoofline(input: Roofline, pen: Pen): RooflineLayout | null {
  const { words, measure } = pen;
  const { roofs, activations, width } = input;
  const timed = input.kernels.filter(({ seconds }) => isPositive(seconds));
  const rows = kernelRows({ kernels: timed, roofs, key: { activations } });
  const drawn = rows.filter(isPlaceable);
  const lines = roofLines(input, pen).filter(
    ({ flopsPerSecond, bytesPerSecond }) => isPositive(flopsPerSecond) && isPositive(bytesPerSecond),
  );
  const main = lines.find(({ main }) => main);
  if (!main || drawn.length === 0) return null;

  const ridges = lines.map(({ flopsPerSecond, bytesPerSecond }) => flopsPerSecond / bytesPerSecond);
  const ridge = main.flopsPerSecond / main.bytesPerSecond;
  const heights = [...drawn.map(({ flopsPerSecond }) => flopsPerSecond), ...lines.map((line) => line.flopsPerSecond)];
  const yDomain: [number, number] = [Math.min(...heights) / 3, Math.max(...heights) * 1.3];
  const yValues = logTicks(yDomain, (value) => rate(value, '')).filter(({ rank }) => rank === 0);
  const left = Math.max(...yValues.map(({ text }) => measure(text, SMALL_PX)), 0) + 10;
  const plotWidth = Math.max(width - left, 1);

  const { halves } = words.chart.roofline;
  const intensities = [...drawn.map(intensityOf), ...ridges];
  const xDomain = roomBeside(
    ridge,
    [Math.min(...intensities) / 2.5, Math.max(...intensities) * 2.5],
    [halves.memory, halves.arithmetic].map((text) => (measure(text, SMALL_PX) + 16) / plotWidth),
  );
  const x = scaleLog(xDomain, [left, left + plotWidth]);

  const tall = Math.min(Math.max(width * 0.5, 220), 380);
  const y = scaleLog(yDomain, [tall - FOOT, 0]);
  // Names stand above their roofs, at the right end; of near ones the upper moves up.
  let above = Number.POSITIVE_INFINITY;
  const named = [...lines]
    .sort((a, b) => a.flopsPerSecond - b.flopsPerSecond)
    .map((line) => {
      const labelY = Math.min(y(line.flopsPerSecond) - 5, above - LINE);
      above = labelY;
      return { ...line, labelY };
    });
  const top = TOP + Math.max(0, LINE - above);
  const plot: Box = { left, right: left + plotWidth, top, bottom: top + tall };

  const placed: Roof[] = named.map(({ labelY, name, flopsPerSecond, bytesPerSecond, measured }) => {
    const enters = Math.max(xDomain[0], yDomain[0] / bytesPerSecond);
    const corners = [enters, flopsPerSecond / bytesPerSecond, xDomain[1]];
    return {
      name,
      flopsPerSecond,
      bytesPerSecond,
      measured,
      points: corners.map((at) => [x(at), top + y(Math.min(at * bytesPerSecond, flopsPerSecond))] as const),
      label: { y: top + labelY, text: fittingText(name, plotWidth, measure, SMALL_PX) },
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
    placed.map(({ label }) => ({
      left: plot.right - measure(label.text, SMALL_PX),
      right: plot.right,
      top: label.y - 11,
      bottom: label.y + 3,
    })),
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
      textX: Math.max(Math.min(Math.max(x(ridge), left + half), plot.right - half), half),
    },
    halves: [
      { x: x(ridge) - 8, anchor: 'end', text: halves.memory },
      { x: x(ridge) + 8, anchor: 'start', text: halves.arithmetic },
    ],
    dots: circles.map((circle, index) => ({ ...circle, label: labels[index]! })),
    left: rows.filter((row) => !isPlaceable(row)),
    height: plot.bottom + 38,
  };
}

const isPositive = (value: number) => Number.isFinite(value) && value > 0;
const isPlaceable = ({ flops, bytes }: KernelRow) => isPositive(flops) && isPositive(bytes);
export const intensityOf = ({ flops, bytes }: KernelRow): number => flops / bytes;

function roofLines({ roofs, activations, sheets }: Roofline, { words }: Pen) {
  const { measured, f32, f16, matrix } = words.chart.roofline;
  const { bytesPerSecond } = roofs;
  const own = [
    { what: f32, flopsPerSecond: roofs.fp32FlopsPerSecond, main: !(activations === 'f16' && roofs.f16FlopsPerSecond) },
    { what: f16, flopsPerSecond: roofs.f16FlopsPerSecond ?? 0, main: activations === 'f16' },
    { what: matrix, flopsPerSecond: roofs.matrixFlopsPerSecond ?? 0, main: false },
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

/** Widens a logarithmic domain until `at` has the wanted shares of it on either side. */
function roomBeside(at: number, [low, high]: [number, number], shares: readonly number[]): [number, number] {
  const [before = 0, after = 0] = shares.map((share) => Math.min(share, 0.48));
  const [toLow, toHigh] = [Math.log(at / low), Math.log(high / at)];
  const wantLow = Math.max(toLow, (toHigh * before) / (1 - before));
  const wantHigh = Math.max(toHigh, (wantLow * after) / (1 - after));
  return [at / Math.exp(wantLow), at * Math.exp(wantHigh)];
}
