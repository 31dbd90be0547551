/**
 * Slices of the reference workload, small enough for any machine: a few rows of
 * one block at the real width, some queries against all 36,080 keys, a few
 * pixels of the decoder's convolutions. They give a rate for each kind of work.
 *
 * A slice is grown until it takes about the time asked for, then repeated.
 */

import { median } from '../core/median';
import { ditBlock, ditBlockWeights } from '../dit/block';
import { WAN22_5B } from '../dit/config';
import { bindTogether, type GpuContext } from '../gpu/context';
import { type Recorder, type RecorderOptions, record } from '../gpu/program';
import { runUntilSteady } from '../gpu/steady';
import { externalTensor, type Tensor } from '../gpu/tensor';
import type { PassTime } from '../gpu/timestamps';
import { writeNumbers } from '../gpu/transfer';
import { plantTree } from '../gpu/weight_tree';
import { attention } from '../kernels/attention';
import { conv } from '../kernels/conv';
import { convWindow } from '../kernels/conv_window';
import { distanceBuckets } from '../kernels/distance_bias';
import { sourceFor } from '../pipeline/int8_source';
import type { WeightSource } from '../pipeline/weight_source';
import { UMT5_XXL } from '../text/config';
import { textBlock, textBlockWeights } from '../text/encoder';
import { PROMPT_TOKENS, REFERENCE, tokensOf } from './presets';
import { type Effort, effortOf, type WorkKind } from './work';

export interface SliceRate {
  readonly kind: WorkKind;
  readonly flopsPerSecond: number;
  /** Seconds of each repeat, and the work one repeat did. */
  readonly samples: readonly number[];
  readonly cost: Effort;
  /** The same weights with so few rows that going through them is most of it; absent where the slice has none, or few rows. */
  readonly few?: { readonly seconds: number; readonly computedFlops: number };
  /** Sum of timestamped passes over wall time, or null. */
  readonly gpuBusy: number | null;
  /** One more run with a pass for each dispatch. */
  readonly passes: readonly PassTime[];
}

/** Weights, which stay, and what a number of rows needs beside them. All of it is filled with synthetic values. */
interface Slice {
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly firstRows: number;
  readonly mostRows: number;
  prepare(rows: number): {
    readonly inputs: ReadonlyMap<string, Tensor>;
    /** Tensors whose values matter. */
    readonly numbers?: ReadonlyMap<Tensor, ArrayLike<number>>;
    readonly build: (r: Recorder) => void;
  };
}

export interface SliceOptions {
  readonly settings: RecorderOptions;
  readonly source: WeightSource;
  /** About how long one repeat should take. */
  readonly seconds: number;
  readonly repeats: number;
  readonly signal?: AbortSignal | undefined;
}

export async function measureSlice(context: GpuContext, kind: WorkKind, asked: SliceOptions): Promise<SliceRate> {
  // The transformer's linear layers may round what they multiply; nothing else does.
  const products = kind === 'linear' ? asked.settings.products : 'exact';
  const source = sourceFor(context, asked.source, products);
  const options = { ...asked, source, settings: { ...asked.settings, products } };
  const slice = SLICES[kind](options);
  const { memory } = context;
  await memory.allocate([...slice.weights.values()]);
  try {
    await options.source.fill(slice.weights, { signal: options.signal });
    let rows = slice.firstRows;
    for (;;) {
      const rate = await measureRows(context, kind, slice, rows, options);
      const wanted = Math.min(
        slice.mostRows,
        Math.floor((rows * options.seconds) / Math.max(median(rate.samples), 1e-4)),
      );
      if (rate.samples.length === options.repeats) {
        if (slice.weights.size === 0 || rows <= slice.firstRows) return rate;
        const few = await measureRows(context, kind, slice, slice.firstRows, { ...options, seconds: 0 });
        const { computedFlops } = few.cost;
        // Where one tile holds both, a line through the two would have no slope, or that of the noise.
        if (rate.cost.computedFlops < 2 * computedFlops) return rate;
        return { ...rate, few: { seconds: median(few.samples), computedFlops } };
      }
      rows = wanted;
    }
  } finally {
    memory.free([...slice.weights.values()]);
  }
}

/** One trial; if a larger number of rows would still be quick enough, that is all, else the repeats follow. */
async function measureRows(
  context: GpuContext,
  kind: WorkKind,
  slice: Slice,
  rows: number,
  options: SliceOptions,
): Promise<SliceRate> {
  const { memory, runner } = context;
  const { settings, source, seconds, repeats, signal } = options;
  const { inputs, numbers = new Map(), build } = slice.prepare(rows);
  const { program } = record(`${kind} slice`, settings, build);
  const tensors = [...inputs.values(), ...numbers.keys()];
  await memory.allocate(tensors);
  const bound = await bindTogether(context, [program]);
  try {
    await source.fill(inputs, { signal });
    for (const [tensor, values] of numbers) writeNumbers(memory, tensor, values);
    await runner.run(bound.programs, { signal }); // warms the caches
    const trial = await runner.run(bound.programs, { signal });
    const growing = Math.min(slice.mostRows, (rows * seconds) / Math.max(trial.wallSeconds, 1e-4)) >= 2 * rows;
    if (!growing && !context.device.machine.software) await runUntilSteady(context, bound.programs, signal);
    const times = growing || context.device.machine.software ? [trial] : [];
    while (!growing && times.length < repeats) times.push(await runner.run(bound.programs, { signal }));
    const { passes } = growing ? { passes: [] } : await runner.run(bound.programs, { signal, timing: 'dispatch' });
    const samples = times.map(({ wallSeconds }) => wallSeconds); // as the stages of a clip are timed
    const wall = times.reduce((total, time) => total + time.wallSeconds, 0);
    const busy = times.every(({ gpuSeconds }) => gpuSeconds !== null)
      ? times.reduce((total, time) => total + time.gpuSeconds!, 0) / wall
      : null;
    const cost = effortOf(program.commands);
    return {
      kind,
      flopsPerSecond: cost.flops / median(samples),
      samples,
      cost,
      gpuBusy: busy,
      passes,
    };
  } finally {
    bound.destroy();
    memory.free(tensors);
  }
}

/** Frames of a decoder's chunk. */
const FRAMES = 4;
/** Tokens of a sequence of the linear slice. */
const SEQUENCE_TOKENS = 256;

const SLICES: Readonly<Record<WorkKind, (options: SliceOptions) => Slice>> = {
  /** One block of the transformer on short sequences, whose attention to themselves is 1 % of the work. */
  linear({ settings, source }) {
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
          build: (r) =>
            ditBlock(
              r,
              WAN22_5B,
              tree,
              x,
              { vectors: timestep, tokens, split: tokens },
              { frames: 1, height: 1, width: tokens, table },
              Array.from({ length: sequences }, () => ({ key, value, lastKeyCount: text_len - PROMPT_TOKENS[0] })),
            ),
        };
      },
    };
  },

  /** Some queries of one or two heads against every key of the reference clip. */
  attention({ settings }) {
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
          build: (r) => void attention(r, inputs.query, inputs.key, inputs.value, { label: 'self_attn', heads }),
        };
      },
    };
  },

  /** One block of the text encoder on the tokens of one short prompt. */
  text({ source }) {
    const { tree, tensors } = plantTree((ask) => textBlockWeights(ask, UMT5_XXL, 0), source);
    return {
      weights: tensors,
      firstRows: 16,
      mostRows: PROMPT_TOKENS[0] + PROMPT_TOKENS[1],
      prepare(rows) {
        const x = externalTensor('x', [rows, UMT5_XXL.dim], 'f32');
        const buckets = externalTensor('buckets', [2 * rows - 1], 'u32');
        return {
          inputs: new Map([['x', x]]),
          numbers: new Map([[buckets, distanceBuckets(rows, UMT5_XXL.num_buckets, UMT5_XXL.max_distance)]]),
          build: (r) => textBlock(r, UMT5_XXL, tree, x, [{ start: 0, length: rows, buckets }]),
        };
      },
    };
  },

  /** One convolution of each width of the decoder, with its norm, on few pixels; equal work for each width. */
  conv({ settings, source }) {
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
          build: (r) =>
            layers.forEach(({ weight, gamma, bias }, i) => {
              const window = convWindow(r, pixels[i]!, {
                label: 'conv',
                border: 1,
                past: 2,
                norm: { gamma, activation: 'silu' },
              });
              conv(r, window, weight, { label: 'conv', bias });
            }),
        };
      },
    };
  },
};
