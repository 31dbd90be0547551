/**
 * What each chart is given. The charts keep nothing: data and a width in pixels go
 * in, a figure with its finding, drawing and table comes out. Stage bars have
 * their rows in `stage_bars_layout.ts`. Width 0 is a page not yet measured.
 */

import type { Figure, KernelShare, Kind, MemorySample, Roofs, Span } from '../../core/result';
import type { RatioWords } from '../headline';

/** `ratioDots`: how far is this GPU from others? */
export interface RatioDots {
  readonly rows: readonly RatioRow[];
  readonly width: number;
  /** Where it is not this GPU's speed that is compared. */
  readonly say?: RatioDotsWords;
  /** What the finding has to say of its ratios: that figures in them are scaled. */
  readonly footing?: string;
}

export interface RatioDotsWords {
  /** Of the line at 1×. */
  readonly own: string;
  readonly ratio: RatioWords;
  readonly slower: string;
  readonly faster: string;
  /** Of the table's column. */
  readonly head: string;
  readonly fastestAndNearest: (fastest: string, nearest: string) => string;
  readonly nearest: (nearest: string) => string;
}

export interface RatioRow {
  readonly id: string;
  readonly label: string;
  /** How many times as fast as this GPU; below 1 it is slower. What is no positive number has a row and no dot. */
  readonly ratio: number | null;
  /** From the spread of both runs' samples; null where a run has none. */
  readonly low: number | null;
  readonly high: number | null;
  /** The weaker of the two figures' kinds. */
  readonly kind: Kind;
  /** What the ratio stands on, in words: 'same work', or 'scaled 0.71×, 121 to 161 frames'. Where there is none: why. */
  readonly basis: string;
}

/** `roofline`: why is it as fast as it is? */
export interface Roofline {
  readonly kernels: readonly KernelShare[];
  readonly roofs: Roofs;
  /** Drawn dashed. */
  readonly sheets: readonly SheetRoof[];
  readonly width: number;
}

/** What a data sheet promises. */
export interface SheetRoof {
  readonly label: string;
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** `runTimeline`: what happened when? */
export interface RunTimeline {
  readonly spans: readonly Span[];
  /** Of the whole run; null: until the last span ends. */
  readonly seconds: number | null;
  readonly width: number;
}

/** `stepStrip`: is it steady? The samples of one figure, in the order in which they ran. */
export interface StepStrip {
  readonly step: Figure;
  readonly width: number;
}

/** `memoryOverTime`: how much GPU memory did the run hold? */
export interface MemoryOverTime {
  readonly samples: readonly MemorySample[];
  readonly limitBytes: number | null;
  readonly width: number;
}

/** `sampleDots`: is it repeatable? Each row around its own median, all on one axis in percent. */
export interface SampleDots {
  readonly rows: readonly SampleRow[];
  readonly width: number;
}

export interface SampleRow {
  readonly id: string;
  readonly label: string;
  readonly figure: Figure;
}
