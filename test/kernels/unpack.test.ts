import { describe, expect, test } from 'vitest';
import { unpack } from '../../src/kernels/unpack';
import { evaluate } from '../support/evaluate';
import { storedWeights } from '../support/stored_weights';

describe('unpack', () => {
  // Less than a workgroup, and several with an end inside one; what the other types mean matmul_weights.test.ts shows.
  test.for([
    { rows: 1, depth: 32 },
    { rows: 45, depth: 96 },
  ])('matches the definition for ($rows, $depth)', async ({ rows, depth }) => {
    const { bytes, values } = storedWeights('q8_0', rows * depth, 1);
    const actual = await evaluate({ activation: 'f32' }, { w: { shape: [rows, depth], type: 'q8_0', bytes } }, (r, t) =>
      unpack(r, t.w, 'y'),
    );
    expect(actual).toEqual(Float32Array.from(values));
  });
});
