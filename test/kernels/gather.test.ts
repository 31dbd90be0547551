import { describe, expect, test } from 'vitest';
import { gather } from '../../src/kernels/gather';
import { decodeWeights } from '../../src/weights/weight_types';
import { evaluate, rounded } from '../support/evaluate';
import { noise } from '../support/gpu';
import { storedWeights, WEIGHT_TYPES } from '../support/stored_weights';

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

  test.for(WEIGHT_TYPES)('decodes %s exactly, every number of every block', async (type) => {
    const [table, width] = [6, 768];
    const stored = storedWeights(type, table * width, 1);
    if (type.startsWith('f8')) stored.bytes.forEach((_, i) => (stored.bytes[i] = (i * 7) & 0xff)); // NaN and infinity too
    const numbers = decodeWeights(type, stored.bytes);
    const index = [5, 0, 3, 1, 2, 4, 5]; // in rows of 1.5 KiB or less, blocks begin at every place of a word
    const expected = Float32Array.from({ length: 7 * width }, (_, i) => {
      return numbers[index[Math.floor(i / width)]! * width + (i % width)]!;
    });
    const actual = await evaluate(
      { activation: 'f32' },
      {
        index: { shape: [7], type: 'u32', values: index },
        table: { shape: [table, width], type, bytes: stored.bytes },
      },
      (r, t) => gather(r, t.index, t.table, { label: 'rows' }),
    );
    expect(actual).toEqual(expected);
  });

  test('refuses a table with factors or in pieces', async () => {
    const inputs = {
      index: { shape: [2], type: 'u32', values: [0, 1] },
      table: { shape: [2, 4], values: noise(8, 1) },
      scale: { shape: [2], values: [1, 2] },
    } as const;
    for (const extra of ['scale', 'tiles'] as const)
      await expect(
        evaluate({ activation: 'f32' }, inputs, (r, t) => {
          const more = extra === 'scale' ? { scale: t.scale } : { tiles: [{ part: t.table, start: 0 }] };
          return gather(r, t.index, { ...t.table, ...more }, { label: 'rows' });
        }),
      ).rejects.toMatchObject({ code: 'shape-mismatch' });
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
