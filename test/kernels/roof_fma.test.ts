import { expect, test } from 'vitest';
import { roofFma } from '../../src/kernels/roof_fma';
import { evaluate } from '../support/evaluate';

// x ← x/2 + 1 from 1 … 8, eight times a round: after n halvings a chain is 2 + (start − 2) / 2ⁿ.
test.for([0, 1, 3])('roof_fma matches the definition after %i rounds', async (rounds) => {
  const actual = await evaluate({ activation: 'f32' }, {}, (r) => {
    const result = r.tensor('result', [128, 4], 'f32');
    roofFma(r, result, rounds);
    return result;
  });
  const expected = [1, 2, 3, 4, 5, 6, 7, 8].reduce((sum, start) => sum + 2 + (start - 2) / 256 ** rounds, 0);
  for (const value of actual) expect(Math.abs(value - expected)).toBeLessThan(1e-5);
});
