/** How fast this machine does each kind of work, from slices of it, and how long whole stages would take at those rates. */
import { median } from '../core/median';
import type { Figure } from '../core/result';
import type { GpuContext } from '../gpu/context';
import { measureSlice, type SliceOptions, type SliceRate } from './slices';
import { type Effort, WORK_KINDS, type Work, type WorkKind } from './work';

export type Rates = Readonly<Record<WorkKind, SliceRate>>;

/** `onKind` is called before each slice, and when it has ended. `earlier` rates are measured once more, of which both count. */
export async function measureRates(
  context: GpuContext,
  options: SliceOptions,
  onKind: (kind: WorkKind, index: number) => () => void,
  earlier?: Rates,
): Promise<Rates> {
  const measured: Partial<Record<WorkKind, SliceRate>> = {};
  for (const [index, kind] of WORK_KINDS.entries()) {
    const ended = onKind(kind, index);
    measured[kind] = await measureSlice(context, kind, options, earlier?.[kind]);
    ended();
  }
  return measured as Rates;
}

/**
 * The work at each slice's median rate. Rates are of all that is computed, kept or not, because slices and stages stick
 * out of their tiles and borders by different shares.
 */
export function secondsOf(work: Work, rates: Rates): number {
  return median(samplesOf(work, rates));
}

/** The same, with each repeat of the slices as a sample. */
export function sampledFigure(work: Work, rates: Rates): Figure {
  const samples = samplesOf(work, rates);
  return { kind: 'sampled', seconds: median(samples), samples };
}

function samplesOf(work: Work, rates: Rates): number[] {
  const kinds = WORK_KINDS.filter((kind) => work[kind].computedFlops > 0);
  const repeats = Math.min(...kinds.map((kind) => rates[kind].samples.length));
  return Array.from({ length: repeats }, (_, i) =>
    kinds.reduce((total, kind) => total + secondsAt(work[kind], rates[kind], i), 0),
  );
}

/**
 * A slice of so many times the few rows is taken to be of several tiles of rows, so that what each tile costs is in how
 * its time grows. Just there the two ways of going on are a sixth apart where few rows take a quarter as long as many.
 */
const SEVERAL_TILES = 8;

/**
 * By one rate; or, where the same weights were measured with few and with many rows, by the line through the two: so
 * much for a multiply-add, and so much for a byte of weights to go through. A slow machine's many rows are one tile, and
 * more than that go through the weights anew with each tile, as the slice did: by its rate again, which meets the line there.
 */
function secondsAt({ computedFlops, weightBytes }: Effort, { samples, cost, few }: SliceRate, sample: number): number {
  const seconds = samples[sample]!;
  const hasMoreRows = computedFlops * cost.weightBytes >= cost.computedFlops * weightBytes;
  const isLine = few && (cost.computedFlops >= SEVERAL_TILES * few.computedFlops || !hasMoreRows);
  if (!isLine || cost.weightBytes === 0) return (seconds * computedFlops) / cost.computedFlops;
  // Noise aside, few rows take no longer than many, and no less than their share.
  const share = (seconds * few.computedFlops) / cost.computedFlops;
  const fewSeconds = Math.min(seconds, Math.max(share, median(few.samples)));
  const perFlop = (seconds - fewSeconds) / (cost.computedFlops - few.computedFlops);
  const perByte = (fewSeconds - perFlop * few.computedFlops) / cost.weightBytes;
  return perFlop * computedFlops + perByte * weightBytes;
}

/** Of the model's operations, that of the slowest kind: what long dispatches are split by. */
export function slowestRate(rates: Rates): number {
  return Math.min(...WORK_KINDS.map((kind) => rates[kind].flopsPerSecond));
}
