/** Attention by its definition, and inputs for it; both forms of the kernel are held to it. */
import { rounded } from '../support/evaluate';
import { noise } from '../support/gpu';

export interface Case {
  batch: number;
  queries: number;
  keys: number;
  heads: number;
  head: number;
}

/** The definition, in double precision; `count` copies of the last key, `bias` by key − query. */
export function reference(
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  { batch, queries, keys, heads, head }: Case,
  scale: number,
  count = 1,
  bias?: Float32Array,
) {
  const channels = heads * head;
  const result = new Float64Array(batch * queries * channels);
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < queries; i++) {
        const logits = Array.from({ length: keys }, (_, j) => {
          let dot = 0;
          for (let c = 0; c < head; c++)
            dot += q[(b * queries + i) * channels + h * head + c]! * k[(b * keys + j) * channels + h * head + c]!;
          return dot * scale + (bias?.[h * (queries + keys - 1) + j - i + queries - 1] ?? 0);
        });
        const most = Math.max(...logits);
        const weights = logits.map((logit, j) => Math.exp(logit - most) * (j === keys - 1 ? count : 1));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let c = 0; c < head; c++) {
          let sum = 0;
          for (let j = 0; j < keys; j++) sum += weights[j]! * v[(b * keys + j) * channels + h * head + c]!;
          result[(b * queries + i) * channels + h * head + c] = sum / total;
        }
      }
  return result;
}

export function inputs({ batch, queries, keys, heads, head }: Case, type: 'f32' | 'f16' = 'f32') {
  const of = (rows: number, seed: number) => ({
    shape: [batch * rows, heads * head],
    type,
    values: rounded(noise(batch * rows * heads * head, seed), type),
  });
  return { q: of(queries, 1), k: of(keys, 2), v: of(keys, 3) };
}
