/** Seeded damage to files: the same each time, so that what it finds can be found again. */
import { mulberry32 } from './mulberry32';

/** Whole numbers from 0 to below `limit`. */
export type Random = (limit: number) => number;

export function seededRandom(seed: number): Random {
  const bits = mulberry32(seed);
  return (limit) => Math.floor((bits() / 2 ** 32) * limit);
}

export const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)]!;

/** Counts and offsets that readers trip over. */
export const HUGE = [
  0n,
  1n,
  7n,
  255n,
  2n ** 16n,
  2n ** 25n,
  2n ** 26n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

type Mutate = (random: Random, bytes: Uint8Array) => Uint8Array;

const MUTATIONS: readonly Mutate[] = [
  function flipBits(random, bytes) {
    const changed = bytes.slice();
    for (let i = 0; i <= random(4); i++) changed[random(changed.length)]! ^= 1 << random(8);
    return changed;
  },
  function overwrite(random, bytes) {
    const changed = bytes.slice();
    for (let i = 0; i <= random(8); i++) changed[random(changed.length)] = random(256);
    return changed;
  },
  function cut(random, bytes) {
    return bytes.slice(0, random(bytes.length + 1));
  },
  function grow(random, bytes) {
    return joined([bytes, new Uint8Array(random(200)).fill(random(256))]);
  },
  function leaveOut(random, bytes) {
    const [at, length] = [random(bytes.length), random(40)];
    return joined([bytes.subarray(0, at), bytes.subarray(at + length)]);
  },
  function repeat(random, bytes) {
    const [from, to, length] = [random(bytes.length), random(bytes.length), random(200)];
    return joined([bytes.subarray(0, to), bytes.subarray(from, from + length), bytes.subarray(to)]);
  },
  function setCount(random, bytes) {
    const changed = bytes.slice();
    const width = pick(random, [4, 8]);
    if (changed.length < width) return changed;
    const [view, at, value] = [new DataView(changed.buffer), random(changed.length - width + 1), pick(random, HUGE)];
    if (width === 8) view.setBigUint64(at, value, true);
    else view.setUint32(at, Number(value & 0xffffffffn), true);
    return changed;
  },
];

/** One or two kinds of damage. */
export function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  let changed = bytes;
  for (let i = 0; i <= random(2) && changed.length > 0; i++) changed = pick(random, MUTATIONS)(random, changed);
  return changed;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
