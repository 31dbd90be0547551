import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { torchRandn } from '../../src/sampling/noise';

interface Case {
  readonly seed: number;
  readonly n: number;
  readonly first: number[];
  readonly last: number[];
  readonly sum: number;
  readonly sumsq: number;
}
const { cases } = JSON.parse(readFileSync(new URL('../golden/torch-cpu-randn.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

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

test('refuses a seed that is not a whole number, and less than one block', () => {
  expect(() => torchRandn(16, 0.5)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  expect(() => torchRandn(15, 0)).toThrow('at least 16');
});
