/** A loop of nothing but products on matrix units: what they can do at best. */

import flagged from '../../shaders/lib/keep_matrix_flagged.wgsl?raw';
import named from '../../shaders/lib/keep_matrix_named.wgsl?raw';
import source from '../../shaders/roof_matrix.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { MatrixUnits } from '../gpu/matrix_units';
import type { Recorder } from '../gpu/program';
import { type Tensor, tensorBytes } from '../gpu/tensor';
import { compose, expectShape, f32, words } from './kernel';

const TURNS = 16;
/** In a round, of each of two chains. */
const PRODUCTS = 4 * TURNS;

/**
 * Each of `groups` workgroups does `rounds` rounds for each subgroup that it may have. Those that fit into `result`
 * (kept, subgroups, 2, rows, columns) f32, which is zeros before, leave their two sums there, all elements alike:
 * together the subgroups of one workgroup leave 64 · rounds · subgroups · depth · (1, 3).
 */
export function roofMatrix(r: Recorder, result: Tensor, groups: number, rounds: number, units: MatrixUnits): void {
  const { rows, columns, depth, workgroup, subgroups } = units;
  expectShape('roof_matrix', result, [result.shape[0]!, subgroups, 2, rows, columns]);
  r.dispatch({
    label: 'roof matrix',
    shader: compose({
      name: 'roof_matrix',
      source,
      types: { Factor: 'f16' },
      parts: [units.syntax === 'named' ? named : flagged],
      subgroups: true,
      matrices: true,
      tuning: { WORKGROUP: workgroup, SUBGROUPS: subgroups, ROWS: rows, COLUMNS: columns, DEPTH: depth, TURNS },
    }),
    bindings: { 1: result },
    params: words(rounds * subgroups, f32(1), f32(1)),
    groups,
    cost: {
      flops: flops(roofMatrixFlops(groups, rounds, units)),
      bytes: bytes(tensorBytes(result)),
    },
  });
}

/** Of the rounding of sums beyond 2²⁴; a product that was left out, or a wrong one, shows more clearly. */
const TOLERANCE = 1e-3;

/** Whether the sums that the first workgroup left, (subgroups, 2, rows, columns), are those of all its products. */
export function isRightSum(kept: ArrayLike<number>, rounds: number, units: MatrixUnits): boolean {
  const { rows, columns, depth, subgroups } = units;
  const tile = rows * columns;
  const expected = PRODUCTS * rounds * subgroups * depth;
  return [1, 3].every((right, chain) =>
    Array.from({ length: tile }, (_, element) => {
      let sum = 0;
      for (let subgroup = 0; subgroup < subgroups; subgroup++) sum += kept[(2 * subgroup + chain) * tile + element]!;
      return sum / (right * expected);
    }).every((share) => Math.abs(share - 1) < TOLERANCE),
  );
}

export const roofMatrixFlops = (
  groups: number,
  rounds: number,
  { rows, columns, depth, subgroups }: MatrixUnits,
): number => groups * rounds * subgroups * 2 * PRODUCTS * 2 * rows * columns * depth;
