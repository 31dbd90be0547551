import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { NoiseKind } from '../../src/core/clip';
import { drawNoise, torchRandn } from '../../src/sampling/noise';
import { cudaRandn } from '../../src/sampling/philox';

interface Case {
  readonly seed: number;
  readonly n: number;
  readonly first: number[];
  readonly last: number[];
  readonly sum: number;
  readonly sumsq: number;
}
const golden = (name: string) => JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'));
const { cases } = golden('torch-cpu-randn') as { cases: Case[] };
const { cpu: short } = golden('torch-randn') as { cpu: { seed: number; n: number; values: number[] }[] };

// One block, whole blocks, and a tail that is drawn anew. 1e-6 allows 3 ulp of the largest value.
describe.for(cases)('seed $seed, $n values', ({ seed, n, first, last, sum, sumsq }) => {
  const values = torchRandn(n, seed);
  const add = (f: (x: number) => number) => values.reduce((total, x) => total + f(x), 0);

  test('begins and ends as torch.randn', () => {
    for (const [actual, expected] of [
      [values.slice(0, 6), first],
      [values.slice(-6), last],
    ] as const) {
      actual.forEach((x, i) => {
        expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-6);
      });
    }
  });

  test('has its sums', () => {
    expect(Math.abs(add((x) => x) - sum)).toBeLessThan(1e-8 * n);
    expect(Math.abs(add((x) => x * x) - sumsq)).toBeLessThan(1e-7 * n);
  });
});

test('uses the low 32 bits of a seed, as PyTorch does', () => {
  expect(torchRandn(16, 2 ** 32 + 42)).toEqual(torchRandn(16, 42));
  expect(torchRandn(16, -1)).toEqual(torchRandn(16, 2 ** 32 - 1));
});

test.for(short)('seed $seed, $n values: fewer than a block are drawn one by one', ({ seed, n, values }) => {
  expect([...torchRandn(n, seed)]).toEqual(values);
});

const digest = (values: Float32Array<ArrayBuffer>) =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');

// Of the values that another implementation of the same definition made (plain JavaScript, checked against torch 1.13).
test.for([
  [1_000_000, 42, 'b2ee40ed921fd08f8ad1f37b86665bd24673fd587056fec61c21ca3c9698c656'],
  [1_000_003, 7, '4d12c28bb0b24a80d9fff8a523450327a65c7350faf3f85709a5b70dcf5f5011'],
] as const)('%d values of seed %d have their digest', ([count, seed, sha256]) => {
  expect(digest(torchRandn(count, seed))).toBe(sha256);
});

test('is drawn by its kind', () => {
  const count = 132 * 2048 + 5; // beyond one value a thread, where the card matters
  const card = (multiprocessors: number, threadsPerMultiprocessor: number) =>
    digest(cudaRandn(count, 9, { multiprocessors, threadsPerMultiprocessor }));
  const drawn = (kind: NoiseKind) => digest(drawNoise(kind, count, 9));
  expect(drawn('torch-cpu')).toBe(digest(torchRandn(count, 9)));
  expect(drawn('cuda-132')).toBe(card(132, 2048));
  expect(drawn('cuda-142x1536')).toBe(card(142, 1536));
  expect(card(132, 2048)).not.toBe(card(142, 1536));
});

test.for(['torch-cpu', 'cuda-132'] as const)('%s refuses a seed that is not a whole number', (kind) => {
  for (const seed of [0.5, Number.NaN, 2 ** 53])
    expect(() => drawNoise(kind, 16, seed)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
});

test.for(['cuda-0', 'cuda-x1536', 'cuda-132x1024', 'mt19937'])('refuses %s, which is no kind', (kind) => {
  expect(() => drawNoise(kind as NoiseKind, 16, 0)).toThrow(`"${kind}" is not known`);
});
