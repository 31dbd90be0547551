/**
 * One block of the diffusion transformer (Wan2.2 `WanAttentionBlock`).
 *
 * x is the residual stream, f32, with the guidance branches stacked, of one video
 * or of several: (branches · tokens, dim). Self-attention and the feed-forward
 * treat them as a batch, so a block's weights are read once; only cross-attention
 * tells them apart.
 */
import type { Recorder } from '../gpu/program';
import { reshape, rowsOf, type Tensor } from '../gpu/tensor';
import { type Ask, type Linear, linear } from '../gpu/weight_tree';
import { attention } from '../kernels/attention';
import { matmul } from '../kernels/matmul';
import { type Rotary, rmsRope } from '../kernels/rms_rope';
import { rowNorm } from '../kernels/row_norm';
import type { Timesteps } from '../kernels/timesteps';
import { roomyRows } from './block_rows';
import type { DitConfig } from './config';

interface AttentionWeights {
  readonly q: Linear;
  readonly k: Linear;
  readonly v: Linear;
  readonly o: Linear;
  readonly normQ: Tensor;
  readonly normK: Tensor;
}

export interface DitBlockWeights {
  /** (6, dim): shift, scale, gate for self-attention, then for the feed-forward. */
  readonly modulation: Tensor;
  readonly selfAttn: AttentionWeights;
  readonly norm3: { readonly weight: Tensor; readonly bias: Tensor };
  readonly crossAttn: AttentionWeights;
  readonly up: Linear;
  readonly down: Linear;
}

export function ditBlockWeights(ask: Ask, { dim, ffn_dim }: DitConfig, block: number): DitBlockWeights {
  const at = `blocks.${block}`;
  const attentionWeights = (name: string): AttentionWeights => ({
    q: linear(ask, `${at}.${name}.q`, dim, dim),
    k: linear(ask, `${at}.${name}.k`, dim, dim),
    v: linear(ask, `${at}.${name}.v`, dim, dim),
    o: linear(ask, `${at}.${name}.o`, dim, dim),
    normQ: ask(`${at}.${name}.norm_q.weight`, [dim]),
    normK: ask(`${at}.${name}.norm_k.weight`, [dim]),
  });
  return {
    modulation: reshape(ask(`${at}.modulation`, [1, 6, dim], 'f32'), [6, dim]),
    selfAttn: attentionWeights('self_attn'),
    norm3: { weight: ask(`${at}.norm3.weight`, [dim]), bias: ask(`${at}.norm3.bias`, [dim]) },
    crossAttn: attentionWeights('cross_attn'),
    up: linear(ask, `${at}.ffn.0`, ffn_dim, dim),
    down: linear(ask, `${at}.ffn.2`, dim, ffn_dim),
  };
}

/** Keys and values of one prompt: (rows, dim) each; the last row stands for `lastKeyCount` rows. */
export interface CrossKeys {
  readonly key: Tensor;
  readonly value: Tensor;
  readonly lastKeyCount: number;
}

/** They depend on the prompt alone: made once a block, kept for all steps. context (rows, dim). */
export function crossKeys(
  r: Recorder,
  config: DitConfig,
  weights: DitBlockWeights,
  context: Tensor,
  lastKeyCount: number,
  into?: CrossKeys,
): CrossKeys {
  const { k, v, normK } = weights.crossAttn;
  const key = matmul(r, context, k.weight, { label: 'cross_attn.k', bias: k.bias, ...(into && { into: into.key }) });
  rmsRope(r, key, normK, { label: 'cross_attn.norm_k', heads: config.num_heads, epsilon: config.eps });
  const value = matmul(r, context, v.weight, {
    label: 'cross_attn.v',
    bias: v.bias,
    ...(into && { into: into.value }),
  });
  return { key, value, lastKeyCount };
}

/** One of the block's parts: x (prompts · tokens, dim) f32, in place; one prompt for each sequence. */
type Part = (r: Recorder, config: DitConfig, weights: DitBlockWeights, x: Tensor, of: PartInput) => void;

interface PartInput {
  readonly timesteps: Timesteps;
  readonly rotary: Rotary;
  readonly prompts: readonly CrossKeys[];
  /** Rows of the feed-forward at once. */
  readonly rows: number;
}

const selfAttention: Part = (r, config, { selfAttn, modulation }, x, { timesteps, rotary, prompts }) => {
  const { num_heads: heads, eps: epsilon } = config;
  const shifted = { kind: 'modulated', modulation, timesteps, shift: 0, scale: 1 } as const;
  const h = rowNorm(r, x, shifted, { label: 'norm1', epsilon });
  const q = matmul(r, h, selfAttn.q.weight, { label: 'self_attn.q', bias: selfAttn.q.bias });
  const k = matmul(r, h, selfAttn.k.weight, { label: 'self_attn.k', bias: selfAttn.k.bias });
  const v = matmul(r, h, selfAttn.v.weight, { label: 'self_attn.v', bias: selfAttn.v.bias });
  rmsRope(r, q, selfAttn.normQ, { label: 'self_attn.norm_q', heads, epsilon, rotary });
  rmsRope(r, k, selfAttn.normK, { label: 'self_attn.norm_k', heads, epsilon, rotary });
  const mixed = attention(r, q, k, v, { label: 'self_attn', heads, batch: prompts.length });
  matmul(r, mixed, selfAttn.o.weight, {
    label: 'self_attn.o',
    bias: selfAttn.o.bias,
    addTo: x,
    gate: { row: 2, modulation, timesteps },
  });
};

const crossAttention: Part = (r, config, { crossAttn, norm3 }, x, { timesteps: { tokens }, prompts }) => {
  const { num_heads: heads, eps: epsilon } = config;
  const c = rowNorm(r, x, { kind: 'affine', ...norm3 }, { label: 'norm3', epsilon });
  const cq = matmul(r, c, crossAttn.q.weight, { label: 'cross_attn.q', bias: crossAttn.q.bias });
  rmsRope(r, cq, crossAttn.normQ, { label: 'cross_attn.norm_q', heads, epsilon });
  const read = r.tensor('cross_attn', cq.shape);
  prompts.forEach(({ key, value, lastKeyCount }, sequence) => {
    const rows = [sequence * tokens, tokens] as const;
    attention(r, rowsOf(cq, ...rows), key, value, {
      label: 'cross_attn',
      heads,
      lastKeyCount,
      into: rowsOf(read, ...rows),
    });
  });
  matmul(r, read, crossAttn.o.weight, { label: 'cross_attn.o', bias: crossAttn.o.bias, addTo: x });
};

const feedForward: Part = (r, { eps: epsilon }, { modulation, up, down }, x, { timesteps, rows }) => {
  const shifted = { kind: 'modulated', modulation, timesteps, shift: 3, scale: 4 } as const;
  const f = rowNorm(r, x, shifted, { label: 'norm2', epsilon });
  const total = x.shape[0]!;
  for (let start = 0; start < total; start += rows) {
    const piece = [start, Math.min(rows, total - start)] as const;
    const wide = matmul(r, rowsOf(f, ...piece), up.weight, { label: 'ffn.up', bias: up.bias, activation: 'gelu' });
    matmul(r, wide, down.weight, {
      label: 'ffn.down',
      bias: down.bias,
      addTo: rowsOf(x, ...piece),
      gate: { row: 5, modulation, timesteps: { ...timesteps, firstRow: start } },
    });
  }
};

const PARTS: readonly Part[] = [selfAttention, crossAttention, feedForward];

/**
 * x (prompts · tokens, dim) f32, in place; one prompt for each sequence: a guidance branch of a video. `rows`: how much
 * of it at once; few dispatches unless given.
 */
export function ditBlock(
  r: Recorder,
  config: DitConfig,
  weights: DitBlockWeights,
  x: Tensor,
  timesteps: Timesteps,
  rotary: Rotary,
  prompts: readonly CrossKeys[],
  rows = roomyRows(r.options, config, { tokens: timesteps.tokens, sequences: prompts.length }),
): void {
  for (const part of PARTS)
    for (let first = 0; first < prompts.length; first += rows.sequences) {
      const group = prompts.slice(first, first + rows.sequences);
      const ofGroup = rowsOf(x, first * timesteps.tokens, group.length * timesteps.tokens);
      part(r, config, weights, ofGroup, { timesteps, rotary, prompts: group, rows: rows.feedForward });
    }
}
