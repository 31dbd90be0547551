/**
 * The slices themselves, one for each kind of work: a few rows of one block at
 * the real width, some queries against all 36,080 keys, the prompts through one
 * block of the text encoder, a few pixels of the decoder's convolutions.
 */
import { ditBlock, ditBlockWeights } from '../dit/block';
import { WAN22_5B } from '../dit/config';
import type { Recorder, RecorderOptions } from '../gpu/program';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { plantTree, type Storing } from '../gpu/weight_tree';
import { attention } from '../kernels/attention';
import { conv } from '../kernels/conv';
import { convWindow } from '../kernels/conv_window';
import { distanceBuckets } from '../kernels/distance_bias';
import { UMT5_XXL } from '../text/config';
import { textBlock, textBlockWeights } from '../text/encoder';
import { PROMPT_TOKENS, REFERENCE, tokensOf } from './presets';
import type { WorkKind } from './work';

/** Weights, which stay, and what a number of rows needs beside them. All of it is filled with synthetic values. */
export interface Slice {
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly firstRows: number;
  readonly mostRows: number;
  /** Where not that of the settings. */
  readonly activation?: 'f32';
  prepare(rows: number): {
    readonly inputs: ReadonlyMap<string, Tensor>;
    /** Tensors whose values matter. */
    readonly numbers?: ReadonlyMap<Tensor, ArrayLike<number>>;
    /** `onResult` is told what the work comes to. */
    readonly build: (r: Recorder, onResult: (result: Tensor) => void) => void;
  };
}

/** Frames of a decoder's chunk. */
const FRAMES = 4;
/** Tokens of a sequence of the linear slice. */
const SEQUENCE_TOKENS = 256;

export const SLICES: Readonly<Record<WorkKind, (settings: RecorderOptions, source: Storing) => Slice>> = {
  /** One block of the transformer on short sequences, whose attention to themselves is 1 % of the work. */
  linear(settings, source) {
    const { dim, num_heads, text_len } = WAN22_5B;
    const { tree, tensors } = plantTree((ask) => ditBlockWeights(ask, WAN22_5B, 0), source);
    return {
      weights: tensors,
      firstRows: 16,
      mostRows: 8192,
      prepare(wanted) {
        const sequences = Math.max(1, Math.floor(wanted / SEQUENCE_TOKENS));
        const tokens = sequences === 1 ? Math.min(wanted, SEQUENCE_TOKENS) : SEQUENCE_TOKENS;
        const rows = sequences * tokens;
        const inputs = {
          x: externalTensor('x', [rows, dim], 'f32'),
          timestep: externalTensor('timestep', [1, 6, dim], 'f32'),
          table: externalTensor('rotary', [tokens, dim / num_heads / 2, 2], 'f32'),
          key: externalTensor('key', [PROMPT_TOKENS[0] + 1, dim], settings.activation),
          value: externalTensor('value', [PROMPT_TOKENS[0] + 1, dim], settings.activation),
        };
        const { x, timestep, table, key, value } = inputs;
        return {
          inputs: new Map(Object.entries(inputs)),
          build(r, onResult) {
            ditBlock(
              r,
              WAN22_5B,
              tree,
              x,
              { vectors: timestep, tokens, split: tokens },
              { frames: 1, height: 1, width: tokens, table },
              Array.from({ length: sequences }, () => ({ key, value, lastKeyCount: text_len - PROMPT_TOKENS[0] })),
            );
            onResult(x);
          },
        };
      },
    };
  },

  /** Some queries of one or two heads against every key of the reference clip. */
  attention(settings) {
    const heads = 2;
    const channels = (heads * WAN22_5B.dim) / WAN22_5B.num_heads;
    const keys = tokensOf(REFERENCE);
    return {
      weights: new Map(),
      firstRows: 16,
      mostRows: keys,
      prepare(rows) {
        const inputs = {
          query: externalTensor('query', [rows, channels], settings.activation),
          key: externalTensor('key', [keys, channels], settings.activation),
          value: externalTensor('value', [keys, channels], settings.activation),
        };
        return {
          inputs: new Map(Object.entries(inputs)),
          build: (r, onResult) =>
            onResult(attention(r, inputs.query, inputs.key, inputs.value, { label: 'self_attn', heads })),
        };
      },
    };
  },

  /** One block of the text encoder on both prompts, or shorter ones, in f32 wherever it runs. */
  text(_settings, source) {
    const { tree, tensors } = plantTree((ask) => textBlockWeights(ask, UMT5_XXL, 0), source);
    const most = PROMPT_TOKENS.reduce<number>((sum, count) => sum + count, 0);
    return {
      weights: tensors,
      firstRows: 16,
      mostRows: most,
      activation: 'f32',
      prepare(rows) {
        const x = externalTensor('x', [rows, UMT5_XXL.dim], 'f32');
        const first = Math.ceil((rows * PROMPT_TOKENS[0]) / most);
        const prompts = [
          { start: 0, length: first },
          { start: first, length: rows - first },
        ].map((prompt) => ({ ...prompt, buckets: externalTensor('buckets', [2 * prompt.length - 1], 'u32') }));
        const { num_buckets, max_distance } = UMT5_XXL;
        return {
          inputs: new Map([['x', x]]),
          numbers: new Map(
            prompts.map(({ buckets, length }) => [buckets, distanceBuckets(length, num_buckets, max_distance)]),
          ),
          build(r, onResult) {
            textBlock(r, UMT5_XXL, tree, x, prompts);
            onResult(x);
          },
        };
      },
    };
  },

  /** One convolution of each width of the decoder, with its norm, on few pixels; equal work for each width. */
  conv(settings, source) {
    const layers = [1024, 512, 256].map((channels) => ({
      channels,
      weight: externalTensor(`conv ${channels}`, [channels, 3, 3, 3, channels], source.typeOf({ name: '', shape: [] })),
      gamma: externalTensor(`gamma ${channels}`, [channels], 'f32'),
      bias: externalTensor(`bias ${channels}`, [channels], 'f32'),
    }));
    return {
      weights: new Map(
        layers.flatMap(({ weight, gamma, bias }) =>
          [weight, gamma, bias].map((tensor) => [tensor.storage.label, tensor]),
        ),
      ),
      firstRows: 1,
      mostRows: 512,
      prepare(rows) {
        const pixels = layers.map(({ channels }) => {
          const grow = 1024 / channels;
          return externalTensor(
            `pixels ${channels}`,
            [FRAMES, 2 * grow, 2 * grow * rows, channels],
            settings.activation,
          );
        });
        return {
          inputs: new Map(pixels.map((tensor) => [tensor.storage.label, tensor])),
          build: (r, onResult) =>
            layers.forEach(({ weight, gamma, bias }, i) => {
              const window = convWindow(r, pixels[i]!, {
                label: 'conv',
                border: 1,
                past: 2,
                norm: { gamma, activation: 'silu' },
              });
              onResult(conv(r, window, weight, { label: 'conv', bias }));
            }),
        };
      },
    };
  },
};
