/**
 * The UMT5 encoder: token ids → one vector a token.
 *
 * Several prompts go through in one pass: their rows are stacked, so each weight
 * is read once for all of them, and only attention keeps them apart. The residual
 * stream overflows half precision, and so may the gated product: all is f32 here.
 */
import type { Recorder } from '../gpu/program';
import { rowsOf, type Tensor } from '../gpu/tensor';
import { type Ask, type Linear, linear } from '../gpu/weight_tree';
import { attention } from '../kernels/attention';
import { distanceBias } from '../kernels/distance_bias';
import { matmul } from '../kernels/matmul';
import { rowNorm } from '../kernels/row_norm';
import type { TextConfig } from './config';

const EPSILON = 1e-6;

export interface TextBlockWeights {
  readonly norm1: Tensor;
  readonly q: Linear;
  readonly k: Linear;
  readonly v: Linear;
  readonly o: Linear;
  readonly norm2: Tensor;
  readonly gate: Linear;
  readonly fc1: Linear;
  readonly fc2: Linear;
  /** (buckets, heads) */
  readonly positions: Tensor;
}

export function textBlockWeights(ask: Ask, config: TextConfig, block: number): TextBlockWeights {
  const { dim, dim_attn, dim_ffn, num_buckets, num_heads } = config;
  const at = `blocks.${block}`;
  return {
    norm1: ask(`${at}.norm1.weight`, [dim]),
    q: linear(ask, `${at}.attn.q`, dim_attn, dim, false),
    k: linear(ask, `${at}.attn.k`, dim_attn, dim, false),
    v: linear(ask, `${at}.attn.v`, dim_attn, dim, false),
    o: linear(ask, `${at}.attn.o`, dim, dim_attn, false),
    norm2: ask(`${at}.norm2.weight`, [dim]),
    gate: linear(ask, `${at}.ffn.gate.0`, dim_ffn, dim, false),
    fc1: linear(ask, `${at}.ffn.fc1`, dim_ffn, dim, false),
    fc2: linear(ask, `${at}.ffn.fc2`, dim, dim_ffn, false),
    positions: ask(`${at}.pos_embedding.embedding.weight`, [num_buckets, num_heads]),
  };
}

/** One prompt's rows in the stack, and the buckets of its distances (2 · length − 1). */
export interface PromptRows {
  readonly start: number;
  readonly length: number;
  readonly buckets: Tensor;
}

/** One block over x (all prompts' tokens, dim) f32, in place. */
export function textBlock(
  r: Recorder,
  config: TextConfig,
  weights: TextBlockWeights,
  x: Tensor,
  prompts: readonly PromptRows[],
): void {
  const h = rowNorm(r, x, { kind: 'rms', weight: weights.norm1 }, { label: 'norm1', epsilon: EPSILON });
  const q = matmul(r, h, weights.q.weight, { label: 'attn.q' });
  const k = matmul(r, h, weights.k.weight, { label: 'attn.k' });
  const v = matmul(r, h, weights.v.weight, { label: 'attn.v' });
  const mixed = r.tensor('attn', q.shape);
  for (const { start, length, buckets } of prompts) {
    attention(r, rowsOf(q, start, length), rowsOf(k, start, length), rowsOf(v, start, length), {
      label: 'attn',
      heads: config.num_heads,
      scale: 1,
      distanceBias: distanceBias(r, buckets, weights.positions, 'attn.positions'),
      into: rowsOf(mixed, start, length),
    });
  }
  matmul(r, mixed, weights.o.weight, { label: 'attn.o', addTo: x });

  const g = rowNorm(r, x, { kind: 'rms', weight: weights.norm2 }, { label: 'norm2', epsilon: EPSILON });
  const gate = matmul(r, g, weights.gate.weight, { label: 'ffn.gate', activation: 'gelu' });
  const product = matmul(r, g, weights.fc1.weight, { label: 'ffn.fc1', times: gate });
  matmul(r, product, weights.fc2.weight, { label: 'ffn.fc2', addTo: x });
}

export function textNormWeight(ask: Ask, { dim }: TextConfig): Tensor {
  return ask('norm.weight', [dim]);
}

/** The last norm: x (tokens, dim) → embeddings (tokens, dim) f32. */
export function textEnd(r: Recorder, weight: Tensor, x: Tensor): Tensor {
  return rowNorm(r, x, { kind: 'rms', weight }, { label: 'norm', epsilon: EPSILON, type: 'f32' });
}
