import { describe, expect, test } from 'vitest';
import { COMBINE_TERMS, combine } from '../../src/kernels/combine';
import { evaluate, type Input } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

// One element, a shape of no whole vec4s in several workgroups; from one source to all.
const SHAPES = [{ shape: [1] }, { shape: [3, 5, 7, 11] }];
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

describe('combine', () => {
  test.for(SHAPES)('matches the definition for $shape, one to six sources, any row of weights', async ({ shape }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const sources = NAMES.map((_, j) => noise(count, j + 1));
    for (let terms = 1; terms <= COMBINE_TERMS; terms++) {
      // Places beyond the sources have weight 0, as in the solvers.
      const weights = noise(3 * COMBINE_TERMS, 9).map((weight, at) => (at % COMBINE_TERMS < terms ? weight : 0));
      const row = terms % 3;
      const expected = new Float64Array(count);
      for (let i = 0; i < count; i++)
        for (let j = 0; j < terms; j++) expected[i]! += weights[row * COMBINE_TERMS + j]! * sources[j]![i]!;
      const actual = await run(shape, sources, weights, terms, row);
      expect(relL2(actual, expected)).toBeLessThan(1e-6);
    }
  });

  test('does not read a source of weight 0, which may hold anything', async () => {
    const sources = NAMES.map((_, j) => (j === 1 ? new Float32Array(5).fill(Number.NaN) : noise(5, j)));
    const weights = Float32Array.of(1, 0, 0, 0, 0, 0);
    expect(await run([5], sources, weights, 6, 0)).toEqual(sources[0]);
  });

  test('refuses its target among the sources', async () => {
    const inputs = { a: { shape: [4], values: noise(4, 1) }, weights: { shape: [1, 6], values: noise(6, 2) } };
    await expect(
      evaluate({ activation: 'f32' }, inputs, (r, t) => {
        combine(r, t.a, [t.a], { label: 'sum', weights: t.weights, row: 0 });
        return t.a;
      }),
    ).rejects.toThrow('beside the target');
  });
});

function run(
  shape: readonly number[],
  sources: readonly Float32Array[],
  weights: Float32Array,
  terms: number,
  row: number,
) {
  const inputs = Object.fromEntries(
    NAMES.map((name, j): [string, Input] => [name, { shape, values: sources[j]! }]),
  ) as Record<(typeof NAMES)[number], Input>;
  const rows = weights.length / COMBINE_TERMS;
  return evaluate(
    { activation: 'f32' },
    { ...inputs, weights: { shape: [rows, COMBINE_TERMS], values: weights } },
    (r, t) => {
      const target = r.tensor('sum', shape, 'f32');
      const used = NAMES.slice(0, terms).map((name) => t[name]);
      combine(r, target, used, { label: 'sum', weights: t.weights, row });
      return target;
    },
  );
}
