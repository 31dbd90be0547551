import { expect, test } from 'vitest';
import { roofCopy } from '../../src/kernels/roof_copy';
import { evaluate } from '../support/evaluate';
import { noise } from '../support/gpu';

test.for([4, 1028])('roof_copy matches the definition for %i elements', async (count) => {
  const values = noise(count, 1);
  const actual = await evaluate({ activation: 'f32' }, { from: { shape: [count], values } }, (r, t) => {
    const to = r.tensor('to', [count], 'f32');
    roofCopy(r, t.from, to);
    return to;
  });
  expect(actual).toEqual(values);
});
