/** The form of attention for matrix units; `attention` chooses it for half precision without a bias, and heads of 32 channels or more. */
import source from '../../shaders/attention_matrix.wgsl?raw';
import type { AttentionForm } from './attention';
import type { Tuning } from './kernel';

export interface MatrixAttentionTuning extends Tuning {
  /** Queries of a workgroup, 16 to a subgroup, and keys of one round: multiples of 32. */
  readonly BQ: number;
  readonly BK: number;
}

/** 128 invocations, 32 KiB of workgroup memory. */
export const MATRIX_ATTENTION: MatrixAttentionTuning = { BQ: 64, BK: 32 };

/** Workgroups of fewer than four subgroups summed wrongly on an H100 (driver 580.159), which the tuner found. */
export const MATRIX_ATTENTION_VARIANTS: readonly MatrixAttentionTuning[] = [MATRIX_ATTENTION, { BQ: 64, BK: 64 }];

export const attentionMatrix: AttentionForm = {
  name: 'attention_matrix',
  source,
  knobs: ({ BQ, BK }) => ({ BQ, BK }),
  groups: ({ batch, queries, heads }, { BQ }) => Math.ceil(queries / BQ) * heads * batch,
};

/** Workgroup memory that a tuning takes, as the shader declares it. */
export function matrixAttentionBytes({ BQ, BK }: MatrixAttentionTuning, head: number): number {
  const staged = Math.max(BK, BQ) * (head / 4 + 2) * 8;
  const scores = BQ * (BK / 4 + BK / 32) * 16;
  const chances = BQ * (BK / 4 + 2) * 8;
  return staged + scores + chances + 4 * BQ + (BQ / 16) * 4;
}
