/** A case as tensors, and as the call that is timed. */
import type { Recorder, RecorderOptions } from '../gpu/program';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { attention, attentionCandidates, type TunedAttention } from '../kernels/attention';
import { conv } from '../kernels/conv';
import { planeOf } from '../kernels/conv_window';
import type { Tuning } from '../kernels/kernel';
import { matmul } from '../kernels/matmul';
import { type TiledProduct, tileCandidates } from '../kernels/tile';
import { PAST, type TuningCase } from './cases';

export interface CaseTensors {
  /** By names that synthetic numbers follow from. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Records the `turn`th call and returns its result. */
  readonly call: (r: Recorder, turn: number) => Tensor;
}

/**
 * Weights of a product with few rows come from memory once a step. Timed again and again, they would come from a
 * cache; so calls take turns with several. A CPU's caches hold nothing of a layer's anyway.
 */
const FEW_ROWS = 320;
const WEIGHTS = 4;

export function caseTensors(one: TuningCase, { software }: RecorderOptions): CaseTensors {
  switch (one.kernel) {
    case 'matmul': {
      const { rows, columns, depth, left, weight } = one.size;
      const x = externalTensor('x', [rows, depth], left);
      const count = rows <= FEW_ROWS && !software ? WEIGHTS : 1;
      const weights = Array.from({ length: count }, (_, i) => externalTensor(`w${i}`, [columns, depth], weight));
      return {
        inputs: named([x, ...weights]),
        call: (r, turn) => matmul(r, x, weights[turn % count]!, { label: 'matmul' }),
      };
    }
    case 'conv': {
      const { frames, height, width, from, to } = one.pixels;
      const { left, weight: type } = one.size;
      const positions = (PAST + frames) * planeOf(height, width, 1) + width + 2;
      const tensor = externalTensor('x', [positions, from], left);
      const weight = externalTensor('w', [to, 3, 3, 3, from], type);
      const window = {
        tensor,
        past: PAST,
        frames,
        height,
        width,
        channels: from,
        border: 1,
        pastIsZero: false,
      } as const;
      return { inputs: named([tensor, weight]), call: (r) => conv(r, window, weight, { label: 'conv' }) };
    }
    case 'attention': {
      const { queries, keys, heads, head, type, biased } = one.size;
      const [query, key, value] = (
        [
          ['query', queries],
          ['key', keys],
          ['value', keys],
        ] as const
      ).map(([name, rows]) => externalTensor(name, [rows, heads * head], type)) as [Tensor, Tensor, Tensor];
      const bias = biased && { distanceBias: externalTensor('bias', [heads, queries + keys - 1], 'f32') };
      return {
        inputs: named([query, key, value, ...(bias ? [bias.distanceBias] : [])]),
        call: (r) => attention(r, query, key, value, { label: 'attention', heads, ...bias }),
      };
    }
  }
}

const named = (tensors: readonly Tensor[]) => new Map(tensors.map((tensor) => [tensor.storage.label, tensor]));

/** What a kernel may choose from at a size, its default first; empty where there is nothing to choose. */
export function candidatesOf(
  options: RecorderOptions,
  kernel: string,
  size: TiledProduct | TunedAttention,
): readonly Tuning[] {
  return 'queries' in size
    ? attentionCandidates(options, size)
    : kernel === 'matmul' || kernel === 'conv'
      ? tileCandidates(options, size, kernel)
      : [];
}

/** As the kernels ask, whatever the size, so that a candidate is timed in the form that it will be used in. */
export const always = (options: RecorderOptions, tuning: Tuning): RecorderOptions => ({
  ...options,
  tuning: () => tuning,
});
