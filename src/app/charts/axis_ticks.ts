/** Which values an axis names, and where their names stand: inside it, and apart from one another. */
import { ticks } from 'd3';
import { byteCount, figures, THIN } from '../../words/format';
import type { NumberWords } from '../../words/units';
import { type Measure, SMALL_PX } from './text_width';

export interface TickValue {
  readonly value: number;
  readonly text: string;
  /** Of names too close to one another the lowest rank stays. */
  readonly rank?: number;
}

export interface Tick {
  /** Of the line. */
  readonly at: number;
  /** '' where another name is too close. */
  readonly text: string;
  /** The middle of the name. */
  readonly textAt: number;
}

const GAP = 10;

/** On a horizontal axis between two pixels. */
export function placeTicks(
  values: readonly TickValue[],
  scale: (value: number) => number,
  [from, to]: readonly [number, number],
  measure: Measure,
): Tick[] {
  const taken: (readonly [number, number])[] = [];
  const named = [...values]
    .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || a.value - b.value)
    .map(({ value, text }): Tick => {
      const half = measure(text, SMALL_PX) / 2;
      const at = scale(value);
      const textAt = Math.min(Math.max(at, from + half), Math.max(to - half, from + half));
      const free = taken.every(([left, right]) => textAt + half + GAP <= left || textAt - half - GAP >= right);
      if (free) taken.push([textAt - half, textAt + half]);
      return { at, textAt, text: free ? text : '' };
    });
  return named.sort((a, b) => a.at - b.at);
}

export const UNIT_SECONDS = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86400 } as const;

/** In which the ticks of an axis of so many seconds are whole numbers. */
export function timeUnit(seconds: number): keyof typeof UNIT_SECONDS {
  if (seconds < 1) return 'ms';
  if (seconds < 300) return 's';
  if (seconds < 3 * 3600) return 'min';
  return seconds < 72 * 3600 ? 'h' : 'd';
}

export function timeTicks(endSeconds: number, count: number, { units }: NumberWords): TickValue[] {
  const unit = timeUnit(endSeconds);
  return ticks(0, endSeconds / UNIT_SECONDS[unit], count).map((value) => ({
    value: value * UNIT_SECONDS[unit],
    text: `${figures(value)}${THIN}${units[unit]}`,
  }));
}

/** Whole numbers of the binary unit that the end is written in. */
export function byteTicks(endBytes: number, count: number): TickValue[] {
  const unit = 2 ** (10 * Math.max(0, Math.floor(Math.log2(endBytes) / 10)));
  return ticks(0, endBytes / unit, count).map((value) => ({ value: value * unit, text: byteCount(value * unit) }));
}

/** Of a logarithmic axis: powers of ten, with 2 and 5 between them where there are few; every second or third where there are many. */
export function logTicks([low, high]: readonly [number, number], say: (value: number) => string): TickValue[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const inside = Math.floor(Math.log10(high)) - Math.ceil(Math.log10(low)) + 1;
  const every = Math.max(1, Math.ceil(inside / 8));
  const values: TickValue[] = [];
  for (let power = first; power <= last; power++) {
    if (power % every !== 0) continue;
    const inDecade = inside <= 3 ? [1, 2, 5] : [1];
    for (const [rank, digit] of inDecade.entries()) {
      // 10 ** -3 is not 0.001 to the last bit; its decimal spelling is.
      const value = Number(`${digit}e${power}`);
      if (value >= low && value <= high) values.push({ value, text: say(value), rank });
    }
  }
  return values;
}
