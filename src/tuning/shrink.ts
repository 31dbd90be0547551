/** A listed shape made as small as this device can time in a few milliseconds, dimension by dimension. */
import { attentionCost } from '../kernels/attention';
import { productOf, type TuningCase } from './cases';

/** Of the largest tensor: every device binds this much. */
const MOST_BYTES = 96 * 2 ** 20;
/** What elements take at most. */
const ELEMENT = 4;

/** Halves dimensions, in this order and no further than to these, until all of it is within one. */
function halve<T extends object>(
  size: T,
  load: (size: T) => number,
  order: readonly (readonly [keyof T, number])[],
): T {
  let now = size;
  for (const [dimension, least] of order)
    while (load(now) > 1 && (now[dimension] as number) >= 2 * least)
      now = { ...now, [dimension]: Math.ceil((now[dimension] as number) / 2) };
  return now;
}

/**
 * The same case with `mostFlops` of work or little more, and no tensor beyond what any device binds. What decides
 * least between tilings goes first: depth, since every round of it is alike; then rows and columns, as long as there
 * are tiles for every core.
 */
export function shrunk(one: TuningCase, mostFlops: number): TuningCase {
  const beyond = (flops: number, elements: number) => Math.max(flops / mostFlops, (elements * ELEMENT) / MOST_BYTES);
  switch (one.kernel) {
    case 'matmul': {
      const load = ({ rows, columns, depth }: typeof one.size) =>
        beyond(2 * rows * columns * depth, Math.max(rows * columns, rows * depth, columns * depth));
      const order = [
        ['depth', 1024],
        ['rows', 1024],
        ['columns', 512],
        ['depth', 256],
        ['columns', 256],
        ['rows', 16],
      ] as const;
      return { ...one, size: halve(one.size, load, order) };
    }
    case 'conv': {
      const { left, weight } = one.size;
      const sizeOf = (pixels: typeof one.pixels) => productOf(pixels, left, weight);
      const load = (pixels: typeof one.pixels) => {
        const { rows, columns, depth } = sizeOf(pixels);
        return beyond(2 * rows * columns * depth, Math.max(rows * columns, 3 * rows * pixels.from, columns * depth));
      };
      const pixels = halve(one.pixels, load, [
        ['frames', 1],
        ['height', 16],
        ['from', 64],
        ['width', 16],
        ['to', 128],
        ['from', 32],
        ['height', 4],
        ['width', 4],
      ]);
      return { ...one, pixels, size: sizeOf(pixels) };
    }
    case 'attention': {
      const load = (size: typeof one.size) =>
        beyond(attentionCost(size, ELEMENT).flops, Math.max(size.queries, size.keys) * size.heads * size.head);
      const order = [
        ['heads', 2],
        ['keys', 1024],
        ['queries', 1024],
        ['keys', 256],
        ['queries', 64],
        ['keys', 32],
      ] as const;
      const size = halve(one.size, load, order);
      return { ...one, size: one.size.biased ? squared(size) : size };
    }
  }
}

/** A position bias is of as many keys as queries. */
const squared = <T extends { readonly queries: number; readonly keys: number }>(size: T): T => {
  const tokens = Math.min(size.queries, size.keys);
  return { ...size, queries: tokens, keys: tokens };
};
