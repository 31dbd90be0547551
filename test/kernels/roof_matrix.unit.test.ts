/** No software adapter has matrix units, so here Dawn's null backend compiles the kernel and computes nothing. */

import { expect, test } from 'vitest';
import { largestConfig, type MatrixUnits } from '../../src/gpu/matrix_units';
import { Pipelines } from '../../src/gpu/pipelines';
import { record } from '../../src/gpu/program';
import { externalTensor } from '../../src/gpu/tensor';
import { isRightSum, roofMatrix } from '../../src/kernels/roof_matrix';
import { nullDevice } from '../support/null_device';

function programOf(units: MatrixUnits) {
  const { subgroups, rows, columns } = units;
  const result = externalTensor('result', [1, subgroups, 2, rows, columns], 'f32');
  return record('test', { activation: 'f32' }, (r) => roofMatrix(r, result, 7, 5, units)).program;
}

const UNITS: MatrixUnits = { rows: 16, columns: 16, depth: 16, syntax: 'named', workgroup: 128, subgroups: 4 };

test.for<Partial<MatrixUnits>>([
  {},
  { syntax: 'flagged' },
  { rows: 8, depth: 32, subgroups: 16 },
  { rows: 8, columns: 32, workgroup: 256 },
])('roof_matrix compiles for %j', async (some) => {
  const { device } = await nullDevice;
  await expect(new Pipelines(device).compile([programOf({ ...UNITS, ...some })])).resolves.toBeUndefined();
});

test('roof_matrix costs 2 FLOP a multiply-add, of 128 products a round for each subgroup of each group', () => {
  expect(programOf(UNITS).cost.flops).toBe(7 * 5 * 4 * 128 * 2 * 16 ** 3);
});

test('sums are right where the subgroups together did all products of both chains, however many they were', () => {
  const rounds = 5;
  const left = (subgroups: number) => {
    const kept = new Float32Array(UNITS.subgroups * 2 * 256);
    for (let subgroup = 0; subgroup < subgroups; subgroup++)
      for (const [chain, right] of [1, 3].entries())
        kept.fill(
          64 * rounds * (4 / subgroups) * 16 * right,
          (2 * subgroup + chain) * 256,
          (2 * subgroup + chain + 1) * 256,
        );
    return kept;
  };
  for (const subgroups of [1, 2, 4]) expect(isRightSum(left(subgroups), rounds, UNITS)).toBe(true);
  expect(isRightSum(left(4), rounds + 1, UNITS)).toBe(false);
  expect(isRightSum(new Float32Array(left(4).length), rounds, UNITS)).toBe(false);
  for (const [at, value] of [
    [0, 0],
    [300, Number.NaN],
    [2047, Number.POSITIVE_INFINITY],
  ] as const)
    expect(isRightSum(left(4).fill(value, at, at + 1), rounds, UNITS)).toBe(false);
});

test('a device whose adapter lists no sizes has no matrix units', async () => {
  expect((await nullDevice).matrixUnits).toBeNull();
});

test('the largest size that sums f16 in f32 is taken', () => {
  const config = (componentType: string, resultComponentType: string, M: number, N: number, K: number) => {
    return { componentType, resultComponentType, M, N, K };
  };
  const sums16 = config('f16', 'f32', 16, 8, 16);
  const others = [config('i8', 'i32', 16, 16, 32), config('f16', 'f16', 16, 16, 16), config('f16', 'f32', 8, 8, 16)];
  expect(largestConfig([...others, sums16])).toBe(sums16);
  expect(largestConfig(others.slice(0, 2))).toBeUndefined();
});
