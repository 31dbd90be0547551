import { describe, expect, test } from 'vitest';
import { packConv, packPairConv } from '../../src/kernels/conv_weights';
import { decodeWeights } from '../../src/weights/weight_types';
import { evaluate, rounded } from '../support/evaluate';
import { noise } from '../support/gpu';
import { storedWeights } from '../support/stored_weights';

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

  test.for([
    [1, 8, 1, 1],
    [5, 24, 3, 3],
    [3, 40, 3, 1],
  ])('matches the definition for a pair of frames in %s, every type', async (shape) => {
    const [columns = 0, pairChannels = 0, rows = 0, across = 0] = shape;
    const [channels, taps] = [pairChannels / 2, rows * across];
    for (const type of ['f32', 'f16', 'bf16'] as const) {
      const values = rounded(noise(columns * pairChannels * taps, 1), type);
      const expected = new Float32Array(values.length);
      for (let o = 0; o < columns; o++)
        for (let frame = 0; frame < 2; frame++)
          for (let c = 0; c < channels; c++)
            for (let tap = 0; tap < taps; tap++) {
              // The channels of the present frame, the later one, are stored first.
              const stored = (1 - frame) * channels + c;
              expected[((o * 2 + frame) * taps + tap) * channels + c] =
                values[(o * pairChannels + stored) * taps + tap]!;
            }
      const actual = await evaluate({ activation: 'f32' }, { stored: { shape, type, values } }, (r, t) => {
        const into = r.tensor('packed', [columns, 2, rows, across, channels], type);
        packPairConv(r, t.stored, into, 'pack');
        return into;
      });
      expect(actual).toEqual(expected);
    }
  });

  test('refuses a pair whose channels are no multiple of 8', async () => {
    await expect(
      evaluate({ activation: 'f32' }, { stored: { shape: [1, 12, 1, 1], values: noise(12, 1) } }, (r, t) => {
        const into = r.tensor('packed', [1, 2, 1, 1, 6], 'f32');
        packPairConv(r, t.stored, into, 'pack');
        return into;
      }),
    ).rejects.toMatchObject({ code: 'shape-mismatch', message: expect.stringContaining('[1,12,1,1]') });
  });

  test('moves 8-bit elements too', async () => {
    const [columns, channels, taps] = [5, 12, 9];
    const { bytes } = storedWeights('f8_e4m3', columns * channels * taps, 1);
    const moved = new Uint8Array(bytes.length);
    for (let o = 0; o < columns; o++)
      for (let c = 0; c < channels; c++)
        for (let tap = 0; tap < taps; tap++)
          moved[(o * taps + tap) * channels + c] = bytes[(o * channels + c) * taps + tap]!;
    const stored = { shape: [columns, channels, 3, 3], type: 'f8_e4m3', bytes } as const;
    const actual = await evaluate({ activation: 'f32' }, { stored }, (r, t) => {
      const into = r.tensor('packed', [columns, 1, 3, 3, channels], 'f8_e4m3');
      packConv(r, t.stored, into, 'pack');
      return into;
    });
    expect(actual).toEqual(decodeWeights('f8_e4m3', moved));
  });

  test('refuses types stored in blocks, and says which it takes', async () => {
    const { bytes } = storedWeights('q8_0', 32, 1);
    const stored = { shape: [1, 32, 1, 1], type: 'q8_0', bytes } as const;
    await expect(
      evaluate({ activation: 'f32' }, { stored }, (r, t) => {
        const into = r.tensor('packed', [1, 1, 1, 1, 32], 'q8_0');
        packConv(r, t.stored, into, 'pack');
        return into;
      }),
    ).rejects.toThrow(/q8_0.*f32, f16, bf16, f8_e4m3, f8_e5m2/);
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
