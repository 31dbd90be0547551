/**
 * The parts of the diffusion transformer around its blocks: prompt and time
 * embeddings, latents in, velocity out (Wan2.2 `WanModel`).
 */
import type { Recorder } from '../gpu/program';
import { reshape, rowsOf, type Tensor } from '../gpu/tensor';
import { type Ask, type Linear, linear } from '../gpu/weight_tree';
import { matmul } from '../kernels/matmul';
import { patchify } from '../kernels/patchify';
import { rowNorm } from '../kernels/row_norm';
import type { Timesteps } from '../kernels/timesteps';
import { unpatchify } from '../kernels/unpatchify';
import type { DitConfig } from './config';

export interface DitEdgeWeights {
  readonly patch: Linear;
  readonly text: readonly [Linear, Linear];
  readonly time: readonly [Linear, Linear];
  readonly timeProjection: Linear;
  readonly head: Linear;
  /** (2, dim): shift and scale. */
  readonly headModulation: Tensor;
}

export function ditEdgeWeights(ask: Ask, config: DitConfig): DitEdgeWeights {
  const { dim, in_dim, out_dim, text_dim, freq_dim, patch } = config;
  const [t, h, w] = patch;
  return {
    patch: {
      weight: reshape(ask('patch_embedding.weight', [dim, in_dim, t, h, w]), [dim, in_dim * t * h * w]),
      bias: ask('patch_embedding.bias', [dim]),
    },
    text: [linear(ask, 'text_embedding.0', dim, text_dim), linear(ask, 'text_embedding.2', dim, dim)],
    time: [linear(ask, 'time_embedding.0', dim, freq_dim), linear(ask, 'time_embedding.2', dim, dim)],
    timeProjection: linear(ask, 'time_projection.1', 6 * dim, dim),
    head: linear(ask, 'head.head', out_dim * t * h * w, dim),
    headModulation: reshape(ask('head.modulation', [1, 2, dim], 'f32'), [2, dim]),
  };
}

/** Encoder output (rows, text_dim) f32 → context (rows, dim). */
export function textEmbedding(r: Recorder, weights: DitEdgeWeights, embeddings: Tensor, into?: Tensor): Tensor {
  const [first, second] = weights.text;
  const h = matmul(r, embeddings, first.weight, { label: 'text_embedding.0', bias: first.bias, activation: 'gelu' });
  return matmul(r, h, second.weight, { label: 'text_embedding.2', bias: second.bias, ...(into && { into }) });
}

/**
 * cos and sin of t · 10000^(−i/n), n = freq_dim/2, as (timesteps, freq_dim).
 * Double precision, as published.
 */
export function timestepFrequencies(timesteps: readonly number[], freqDim: number): Float32Array<ArrayBuffer> {
  const half = freqDim / 2;
  const values = new Float32Array(timesteps.length * freqDim);
  timesteps.forEach((t, row) => {
    for (let i = 0; i < half; i++) {
      const angle = t * 10000 ** (-i / half);
      values[row * freqDim + i] = Math.cos(angle);
      values[row * freqDim + half + i] = Math.sin(angle);
    }
  });
  return values;
}

/** frequencies (vectors, freq_dim) f32 → the head's vector (vectors, dim) and the blocks' (vectors, 6 · dim), f32. */
export function timeEmbedding(
  r: Recorder,
  weights: DitEdgeWeights,
  frequencies: Tensor,
  head: Tensor,
  blocks: Tensor,
): void {
  const [first, second] = weights.time;
  const { timeProjection } = weights;
  const h = matmul(r, frequencies, first.weight, {
    label: 'time_embedding.0',
    bias: first.bias,
    activation: 'silu',
    type: 'f32',
  });
  matmul(r, h, second.weight, { label: 'time_embedding.2', bias: second.bias, into: head });
  // The projection takes the SiLU of the embedding: making that a second time is cheaper than a kernel for it.
  const active = matmul(r, h, second.weight, {
    label: 'time_embedding.2',
    bias: second.bias,
    activation: 'silu',
    type: 'f32',
  });
  matmul(r, active, timeProjection.weight, { label: 'time_projection', bias: timeProjection.bias, into: blocks });
}

/** latents (in_dim, frames, height, width) f32 → each branch's rows of x (branches · tokens, dim) f32. */
export function ditBegin(r: Recorder, weights: DitEdgeWeights, latents: Tensor, x: Tensor, branches: number): void {
  const rows = patchify(r, latents);
  const tokens = rows.shape[0]!;
  for (let branch = 0; branch < branches; branch++)
    matmul(r, rows, weights.patch.weight, {
      label: 'patch_embedding',
      bias: weights.patch.bias,
      into: rowsOf(x, branch * tokens, tokens),
    });
}

/** x (branches · tokens, dim) → one velocity (out_dim, frames, height, width) f32 for each branch. */
export function ditEnd(
  r: Recorder,
  config: DitConfig,
  weights: DitEdgeWeights,
  x: Tensor,
  timesteps: Timesteps,
  velocities: readonly Tensor[],
): void {
  velocities.forEach((velocity, branch) => {
    const rows = rowsOf(x, branch * timesteps.tokens, timesteps.tokens);
    const h = rowNorm(
      r,
      rows,
      { kind: 'modulated', modulation: weights.headModulation, timesteps, shift: 0, scale: 1 },
      { label: 'head.norm', epsilon: config.eps },
    );
    unpatchify(r, matmul(r, h, weights.head.weight, { label: 'head', bias: weights.head.bias, type: 'f32' }), velocity);
  });
}
