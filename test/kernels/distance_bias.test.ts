import { describe, expect, test } from 'vitest';
import { distanceBias, distanceBuckets } from '../../src/kernels/distance_bias';
import { evaluate } from '../support/evaluate';
import { noise } from '../support/gpu';

describe('distance_bias', () => {
  test('puts distances into buckets as T5 does', () => {
    // Values of the published rule for 32 buckets up to 128: exact below 8, then by logarithm, keys after the query in the upper half.
    const buckets = distanceBuckets(201, 32, 128);
    const at = (distance: number) => buckets[distance + 200];
    expect([0, -1, -7, -8, -11, -12, -16, -127, -200].map(at)).toEqual([0, 1, 7, 8, 8, 9, 10, 15, 15]);
    expect([1, 7, 8, 12, 127, 200].map(at)).toEqual([17, 23, 24, 25, 31, 31]);
  });

  test.for([
    { length: 1, heads: 4 },
    { length: 37, heads: 8 },
  ])('matches the definition for $length tokens and $heads heads', async ({ length, heads }) => {
    const weight = noise(32 * heads, 1);
    const buckets = distanceBuckets(length, 32, 128);
    const actual = await evaluate(
      { activation: 'f32' },
      {
        bucket: { shape: [buckets.length], type: 'u32', values: buckets },
        weight: { shape: [32, heads], values: weight },
      },
      (r, t) => distanceBias(r, t.bucket, t.weight, 'bias'),
    );
    const expected = Array.from(
      { length: heads * buckets.length },
      (_, i) => weight[buckets[i % buckets.length]! * heads + Math.floor(i / buckets.length)]!,
    );
    expect(Array.from(actual)).toEqual(expected);
  });
});
