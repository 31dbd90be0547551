/** The form of attention for matrix units; `attention` chooses it for half precision without a bias. */
import source from '../../shaders/attention_matrix.wgsl?raw';
import type { AttentionForm } from './attention';
import type { Tuning } from './kernel';

export interface MatrixAttentionTuning extends Tuning {
  /** Queries of a workgroup, 16 to a subgroup, and keys of one round. */
  readonly BQ: number;
  readonly BK: number;
}

/** 128 invocations, 32 KiB of workgroup memory. */
export const MATRIX_ATTENTION: MatrixAttentionTuning = { BQ: 64, BK: 32 };

export const MATRIX_ATTENTION_VARIANTS: readonly MatrixAttentionTuning[] = [
  MATRIX_ATTENTION,
  { BQ: 32, BK: 32 },
  { BQ: 32, BK: 16 },
  { BQ: 64, BK: 64 },
];

export const attentionMatrix: AttentionForm = {
  name: 'attention_matrix',
  source,
  knobs: ({ BQ, BK }) => ({ BQ, BK }),
  groups: ({ batch, queries, heads }, { BQ }) => Math.ceil(queries / BQ) * heads * batch,
};

/** Workgroup memory that a tuning takes, as the shader declares it. */
export function matrixAttentionBytes({ BQ, BK }: MatrixAttentionTuning, head: number): number {
  return 2 * BK * (head / 4 + 2) * 8 + BQ * (BK / 4 + 1) * 16 + BQ * (BK / 4 + 2) * 8 + (BQ / 16) * 4;
}
