import { expect, test } from 'vitest';
import { isRightSum, roofMatrix } from '../../src/kernels/roof_matrix';
import { evaluate, testDevice } from '../support/evaluate';

// Software adapters have no matrix units: `npm test -- --suite hardware roof_matrix` on a card that has.
test.for([0, 1, 3])('roof_matrix matches the definition after %i rounds', async (rounds, { skip }) => {
  const { matrixUnits: units } = await testDevice();
  if (!units) return skip();
  const { rows, columns, depth, subgroups } = units;
  const tile = rows * columns;
  const shape = [2, subgroups, 2, rows, columns];
  const values = new Float32Array(2 * subgroups * 2 * tile);
  // A third group has no place in the result.
  const actual = await evaluate({ activation: 'f32' }, { result: { shape, values } }, (r, { result }) => {
    roofMatrix(r, result, 3, rounds, units);
    return result;
  });
  for (let group = 0; group < 2; group++)
    for (let chain = 0; chain < 2; chain++)
      for (let element = 0; element < tile; element++) {
        let sum = 0;
        for (let subgroup = 0; subgroup < subgroups; subgroup++)
          sum += actual[((group * subgroups + subgroup) * 2 + chain) * tile + element]!;
        expect(sum).toBe(64 * rounds * subgroups * depth * [1, 3][chain]!);
      }
  if (rounds > 0) expect(isRightSum(actual, rounds, units)).toBe(true);
});
