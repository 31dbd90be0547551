import { describe, expect, test } from 'vitest';
import { gather } from '../../src/kernels/gather';
import { evaluate, rounded } from '../support/evaluate';
import { noise } from '../support/gpu';

// One row, more rows than the table has (some of them twice, first and last among them), and several workgroups.
const SHAPES = [
  { rows: 1, table: 3, width: 4 },
  { rows: 11, table: 7, width: 20 },
  { rows: 37, table: 5, width: 260 },
];

describe('gather', () => {
  test.for(SHAPES)('matches the definition for $rows of $table rows of $width, every type', async (shape) => {
    const { rows, table, width } = shape;
    const index = Array.from({ length: rows }, (_, i) => (i * 5 + table - 1) % table);
    for (const type of ['f32', 'f16', 'bf16'] as const) {
      const values = rounded(noise(table * width, 1), type);
      const expected = new Float32Array(rows * width);
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < width; j++) expected[i * width + j] = values[index[i]! * width + j]!;
      const actual = await evaluate(
        { activation: 'f32' },
        {
          index: { shape: [rows], type: 'u32', values: index },
          table: { shape: [table, width], type, values },
        },
        (r, t) => gather(r, t.index, t.table, { label: 'rows' }),
      );
      expect(actual).toEqual(expected);
    }
  });

  test('refuses row numbers that are not u32', async () => {
    await expect(
      evaluate(
        { activation: 'f32' },
        { index: { shape: [2], values: [0, 1] }, table: { shape: [2, 4], values: noise(8, 1) } },
        (r, t) => gather(r, t.index, t.table, { label: 'rows' }),
      ),
    ).rejects.toMatchObject({ code: 'shape-mismatch' });
  });
});
