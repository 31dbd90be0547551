import { describe, expect, test } from 'vitest';
import { transpose } from '../../src/kernels/transpose';
import { evaluate } from '../support/evaluate';
import { noise } from '../support/gpu';

describe('transpose', () => {
  // One column, an odd number of columns, several workgroups.
  test.for([
    { rows: 4, columns: 1 },
    { rows: 12, columns: 7 },
    { rows: 36, columns: 30 },
  ])('matches the definition for ($rows, $columns)', async ({ rows, columns }) => {
    const x = noise(rows * columns, 1);
    const expected: number[] = [];
    for (let column = 0; column < columns; column++)
      for (let row = 0; row < rows; row++) expected.push(x[row * columns + column]!);
    const actual = await evaluate({ activation: 'f32' }, { x: { shape: [rows, columns], values: x } }, (r, t) =>
      transpose(r, t.x, 'y'),
    );
    expect([...actual]).toEqual(expected);
  });

  test('refuses rows that are not whole vec4, with their number', async () => {
    await expect(
      evaluate({ activation: 'f32' }, { x: { shape: [6, 2], values: noise(12, 1) } }, (r, t) => transpose(r, t.x, 'y')),
    ).rejects.toMatchObject({ code: 'shape-mismatch', message: expect.stringContaining('6 rows') });
  });
});
