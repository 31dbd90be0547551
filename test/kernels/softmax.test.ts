import { describe, expect, test } from 'vitest';
import { ROW_VARIANTS } from '../../src/kernels/row';
import { softmax } from '../../src/kernels/softmax';
import { evaluate } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

describe('softmax', () => {
  // A single vec4, a row no workgroup divides, several rounds; scores far from zero would overflow without the maximum.
  test.for([
    { rows: 3, columns: 4 },
    { rows: 5, columns: 132 },
    { rows: 2, columns: 1100 },
  ])('matches the definition for ($rows, $columns), every tuning', async ({ rows, columns }) => {
    const x = noise(rows * columns, 1).map((v) => 300 + 10 * v);
    const scale = 0.7;
    const expected: number[] = [];
    for (let row = 0; row < rows; row++) {
      const scores = Array.from(x.subarray(row * columns, (row + 1) * columns));
      const powers = scores.map((v) => Math.exp(scale * (v - 320)));
      const sum = powers.reduce((a, b) => a + b, 0);
      expected.push(...powers.map((v) => v / sum));
    }
    for (const tuning of ROW_VARIANTS) {
      const actual = await evaluate({ activation: 'f32' }, { x: { shape: [rows, columns], values: x } }, (r, t) =>
        softmax(r, t.x, { label: 'y', scale, tuning }),
      );
      expect(relL2(actual, expected)).toBeLessThan(5e-6); // exp in f32, of arguments up to 28
    }
  });

  test('refuses rows that are not whole vec4, with the shape', async () => {
    await expect(
      evaluate({ activation: 'f32' }, { x: { shape: [2, 6], values: noise(12, 1) } }, (r, t) =>
        softmax(r, t.x, { label: 'y', scale: 1 }),
      ),
    ).rejects.toMatchObject({ code: 'shape-mismatch', message: expect.stringContaining('2,6') });
  });
});
