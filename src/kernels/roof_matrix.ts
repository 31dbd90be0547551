/** A loop of nothing but products on matrix units: what they can do at best. */

import flagged from '../../shaders/lib/keep_matrix_flagged.wgsl?raw';
import named from '../../shaders/lib/keep_matrix_named.wgsl?raw';
import source from '../../shaders/roof_matrix.wgsl?raw';
import { bytes, flops } from '../core/units';
import type { MatrixUnits } from '../gpu/matrix_units';
import type { Recorder } from '../gpu/program';
import { type Tensor, tensorBytes } from '../gpu/tensor';
import { compose, expectShape, f32, words } from './kernel';

/** Products of a round. */
const PRODUCTS = 8;

/**
 * Each of `groups` workgroups does `rounds` rounds for each subgroup that it may have. Those that fit into `result`
 * (kept, subgroups, 4, rows, columns) f32, which is zeros before, leave their four sums there, all elements alike:
 * together the subgroups of one workgroup leave 2 · rounds · subgroups · depth · (1, 3, 2, 6).
 */
export function roofMatrix(r: Recorder, result: Tensor, groups: number, rounds: number, units: MatrixUnits): void {
  const { rows, columns, depth, workgroup, subgroups } = units;
  expectShape('roof_matrix', result, [result.shape[0]!, subgroups, 4, rows, columns]);
  const all = rounds * subgroups;
  r.dispatch({
    label: 'roof matrix',
    shader: compose({
      name: 'roof_matrix',
      source,
      types: { Factor: 'f16' },
      parts: [units.syntax === 'named' ? named : flagged],
      subgroups: true,
      matrices: true,
      tuning: { WORKGROUP: workgroup, SUBGROUPS: subgroups, ROWS: rows, COLUMNS: columns, DEPTH: depth },
    }),
    bindings: { 1: result },
    params: words(all, f32(1), f32(1)),
    groups,
    cost: {
      flops: flops(groups * all * PRODUCTS * 2 * rows * columns * depth),
      bytes: bytes(tensorBytes(result)),
    },
  });
}
