import { expect, test } from 'vitest';
import { attention } from '../../src/kernels/attention';
import { MATRIX_ATTENTION_VARIANTS } from '../../src/kernels/attention_matrix';
import { matmul } from '../../src/kernels/matmul';
import { MATRIX_VARIANTS } from '../../src/kernels/tile';
import { evaluate, rounded, testDevice } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';
import { inputs, reference } from './attention_reference';
import { reference as product } from './matmul_reference';

// Software adapters have no matrix units: `npm test -- --suite hardware attention_matrix` on a card that has.
test.for([
  { batch: 1, queries: 1, keys: 1, heads: 1, head: 32 },
  { batch: 1, queries: 200, keys: 333, heads: 1, head: 128 },
  { batch: 2, queries: 70, keys: 131, heads: 2, head: 128 },
  { batch: 1, queries: 33, keys: 45, heads: 3, head: 64 },
])('attention_matrix matches the definition for $queries queries, $keys keys, head $head', async (size, { skip }) => {
  if (!(await testDevice()).matrixUnits) return skip();
  const { q, k, v } = inputs(size, 'f16');
  const expected = reference(q.values, k.values, v.values, size, 1 / Math.sqrt(size.head), 7);
  for (const tuning of MATRIX_ATTENTION_VARIANTS) {
    const options = { label: 'a', heads: size.heads, batch: size.batch, lastKeyCount: 7, tuning };
    const actual = await evaluate({ activation: 'f16' }, { q, k, v }, (r, t) => attention(r, t.q, t.k, t.v, options));
    expect(relL2(actual, expected)).toBeLessThan(1e-3);
  }
});

test.for([
  [1, 4, 4],
  [70, 132, 68],
  [300, 68, 260],
] as const)(
  'the product on matrix units matches the definition for %i × %i × %i',
  async ([rows, columns, depth], { skip }) => {
    if (!(await testDevice()).matrixUnits) return skip();
    const x = rounded(noise(rows * depth, 1), 'f16');
    const weight = rounded(noise(columns * depth, 2), 'f16');
    const expected = product(x, weight, depth);
    const given = {
      x: { shape: [rows, depth], type: 'f16' as const, values: x },
      weight: { shape: [columns, depth], type: 'f16' as const, values: weight },
    };
    const split = MATRIX_VARIANTS.slice(2, 4).map((tile) => ({ ...tile, SPLIT: 4 }));
    for (const tuning of [...MATRIX_VARIANTS, ...split]) {
      const actual = await evaluate({ activation: 'f16' }, given, (r, t) =>
        matmul(r, t.x, t.weight, { label: 'y', type: 'f32', tuning }),
      );
      expect(relL2(actual, expected)).toBeLessThan(1e-6);
    }
  },
);
