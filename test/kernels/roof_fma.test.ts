import { expect, test } from 'vitest';
import { roofFma } from '../../src/kernels/roof_fma';
import { evaluate } from '../support/evaluate';

// x ← x/2 + 1 from 1 … 8, twice a round: after n halvings a chain is 2 + (start − 2) / 2ⁿ.
const CASES = [1, 3, 10].flatMap((rounds) => [true, false].map((fused) => ({ rounds, fused })));

test.for(CASES)('roof_fma matches the definition after $rounds rounds, fused $fused', async ({ rounds, fused }) => {
  const actual = await evaluate({ activation: 'f32' }, {}, (r) => {
    const result = r.tensor('result', [128, 4], 'f32');
    roofFma(r, result, rounds, fused);
    return result;
  });
  const expected = [1, 2, 3, 4, 5, 6, 7, 8].reduce((sum, start) => sum + 2 + (start - 2) / 4 ** rounds, 0);
  for (const value of actual) expect(Math.abs(value - expected)).toBeLessThan(1e-5);
});
