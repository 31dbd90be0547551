import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cudaRandn, philox } from '../../src/sampling/philox';

// Known answers published with Random123: zeros, ones, and digits of π.
test.for([
  ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
] as const)('philox of %s with key %s', ([counter, key, expected]) => {
  const words = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16)) as [number, number];
  const [c0, c1, c2, c3] = words(counter) as number[] as [number, number, number, number];
  const bits = new Uint32Array(4);
  philox(c0, c1, c2, c3, ...words(key), bits);
  expect([...bits]).toEqual(words(expected));
});

interface Case {
  readonly seed: number;
  readonly n: number;
  readonly at: number[];
  readonly values: number[];
  readonly sum: number;
  readonly sumsq: number;
}
const { cuda } = JSON.parse(readFileSync(new URL('../golden/torch-randn.json', import.meta.url), 'utf8')) as {
  cuda: Case[];
};

test.for(cuda)('an H200 draws the same $n values for seed $seed', ({ seed, n, at, values, sum, sumsq }) => {
  const drawn = cudaRandn(n, seed, { multiprocessors: 132, threadsPerMultiprocessor: 2048 });
  expect(drawn.length).toBe(n);
  at.forEach((i, k) => expect(Math.abs(drawn[i]! - values[k]!)).toBeLessThan(3e-6));
  const add = (f: (x: number) => number) => drawn.reduce((total, x) => total + f(x), 0);
  expect(Math.abs(add((x) => x) - sum)).toBeLessThan(3e-7 * Math.max(n, 10));
  expect(Math.abs(add((x) => x * x) - sumsq)).toBeLessThan(3e-7 * Math.max(n, 10));
});

test.for([
  [2, 1536, 2 * 6 * 256 * 9 + 7],
  [3, 2048, 3 * 8 * 256 * 4],
  [1, 2048, 300], // fewer than the card holds: as many blocks as are needed
  [132, 2048, 1],
] as const)('%d multiprocessors of %d threads draw %d values as defined', ([multiprocessors, perOne, count]) => {
  const seed = 2 ** 40 + 5;
  const drawn = cudaRandn(count, seed, { multiprocessors, threadsPerMultiprocessor: perOne });
  const threads = 256 * Math.min(Math.ceil(count / 256), multiprocessors * Math.floor(perOne / 256));
  const bits = new Uint32Array(4);
  for (let i = 0; i < count; i++) {
    const turn = Math.floor(i / threads);
    const lane = turn % 4;
    philox(Math.floor(turn / 4), 0, i % threads, 0, 5, 256, bits);
    const [x, y] = lane < 2 ? [bits[0]!, bits[1]!] : [bits[2]!, bits[3]!];
    const radius = Math.sqrt(-2 * Math.log((x + 0.5) / 2 ** 32));
    const angle = (2 * Math.PI * (y + 0.5)) / 2 ** 32;
    const expected = radius * (lane % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    if (!(Math.abs(drawn[i]! - expected) < 3e-6)) expect([i, drawn[i]]).toEqual([i, expected]);
  }
});
