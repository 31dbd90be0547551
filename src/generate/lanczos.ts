/**
 * Resizing with a Lanczos filter of three lobes, equal to Pillow's to the bit: columns first, then rows, weights in
 * fixed point, rounded to bytes in between (Pillow, Resample.c). When it makes smaller, the filter widens and nothing aliases.
 */
import type { Picture } from '../core/clip';

const LOBES = 3;
/** Bits of a weight behind the point: the sum of 255 × weights stays within 32 bits. */
const WEIGHT_BITS = 22;

/** Part of one axis of the resized picture. */
export interface Span {
  /** Pixels of the whole axis. */
  readonly resized: number;
  /** First pixel that is wanted, and how many. */
  readonly from: number;
  readonly count: number;
}

/** The part of a resized picture in which the two spans cross; opaque. What lies outside it is not computed. */
export function resizeLanczos({ width, height, pixels }: Picture, columns: Span, rows: Span): Picture {
  const across = tapsOf(width, columns);
  const down = tapsOf(height, rows);
  const [top, bottom] = [down.first[0]!, down.first.at(-1)! + down.counts.at(-1)!];
  const transposed = filterLines(pixels.subarray(top * width * 4, bottom * width * 4), bottom - top, across);
  const first = down.first.map((row) => row - top);
  const result = filterLines(transposed, columns.count, { ...down, first });
  return { width: columns.count, height: rows.count, pixels: result };
}

/** For each output, the inputs it is made of: `counts` from `first` on, with a row of `weights` each. */
interface Taps {
  readonly first: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array;
  readonly most: number;
}

function tapsOf(size: number, { resized, from, count }: Span): Taps {
  const scale = size / resized;
  const stretch = Math.max(scale, 1);
  const reach = LOBES * stretch;
  const most = Math.ceil(reach) * 2 + 1;
  const taps: Taps = {
    first: new Int32Array(count),
    counts: new Int32Array(count),
    weights: new Int32Array(count * most),
    most,
  };
  for (let i = 0; i < count; i++) {
    const centre = (from + i + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(size, Math.trunc(centre + reach + 0.5));
    const weights = Array.from({ length: end - begin }, (_, k) => lanczos((begin + k - centre + 0.5) / stretch));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    taps.first[i] = begin;
    taps.counts[i] = end - begin;
    taps.weights.set(
      weights.map((weight) => fixed(weight / sum)),
      i * most,
    );
  }
  return taps;
}

/** sinc(x)·sinc(x/3) within three lobes: interpolates, and keeps an even area even. */
function lanczos(x: number): number {
  if (x < -LOBES || x >= LOBES) return 0;
  return sinc(x) * sinc(x / LOBES);
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Half away from zero. */
const fixed = (weight: number) => Math.trunc(weight * 2 ** WEIGHT_BITS + (weight < 0 ? -0.5 : 0.5));

/** Filters each of `lines` lines along itself. The result is transposed, so that the same again filters the other axis. */
function filterLines(pixels: Uint8ClampedArray, lines: number, { first, counts, weights, most }: Taps) {
  const length = pixels.length / lines;
  const outputs = first.length;
  const result = new Uint8ClampedArray(outputs * lines * 4);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < outputs; i++) {
      let red = 1 << (WEIGHT_BITS - 1);
      let green = red;
      let blue = red;
      let at = line * length + first[i]! * 4;
      for (let k = i * most; k < i * most + counts[i]!; k++, at += 4) {
        const weight = weights[k]!;
        red += pixels[at]! * weight;
        green += pixels[at + 1]! * weight;
        blue += pixels[at + 2]! * weight;
      }
      const to = (i * lines + line) * 4;
      result[to] = red >> WEIGHT_BITS;
      result[to + 1] = green >> WEIGHT_BITS;
      result[to + 2] = blue >> WEIGHT_BITS;
      result[to + 3] = 255;
    }
  }
  return result;
}
