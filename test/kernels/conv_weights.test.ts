import { describe, expect, test } from 'vitest';
import { packConv } from '../../src/kernels/conv_weights';
import { evaluate, rounded } from '../support/evaluate';
import { noise } from '../support/gpu';

/** Columns, channels, and taps in two or three dimensions. */
const SHAPES = [
  [1, 4, 1, 1],
  [5, 12, 3, 3],
  [3, 8, 3, 1, 1],
  [7, 20, 3, 3, 3],
];

describe('conv_weights', () => {
  test.for(SHAPES)('matches the definition for %s, every type', async (shape) => {
    const [columns = 0, channels = 0, ...taps] = shape;
    const count = taps.reduce((product, size) => product * size, 1);
    for (const type of ['f32', 'f16', 'bf16'] as const) {
      const values = rounded(noise(columns * channels * count, 1), type);
      const expected = new Float32Array(values.length);
      for (let o = 0; o < columns; o++)
        for (let c = 0; c < channels; c++)
          for (let tap = 0; tap < count; tap++)
            expected[(o * count + tap) * channels + c] = values[(o * channels + c) * count + tap]!;
      const actual = await evaluate({ activation: 'f32' }, { stored: { shape, type, values } }, (r, t) => {
        const into = r.tensor('packed', [columns, ...(taps.length === 2 ? [1, ...taps] : taps), channels], type);
        packConv(r, t.stored, into, 'pack');
        return into;
      });
      expect(actual).toEqual(expected);
    }
  });

  test('refuses another type', async () => {
    await expect(
      evaluate({ activation: 'f32' }, { stored: { shape: [1, 4, 1, 1], values: noise(4, 1) } }, (r, t) => {
        const into = r.tensor('packed', [1, 1, 1, 1, 4], 'bf16');
        packConv(r, t.stored, into, 'pack');
        return into;
      }),
    ).rejects.toMatchObject({ code: 'shape-mismatch' });
  });
});
