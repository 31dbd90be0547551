/**
 * The diffusion transformer on the GPU, for a whole sampling loop: what
 * denoiser_programs.ts recorded gets its memory, its weights and its state.
 * `forward` then makes nothing.
 */
import type { DitConfig } from '../dit/config';
import { timestepFrequencies } from '../dit/model';
import { type BoundGroup, bindTogether, type GpuContext } from '../gpu/context';
import type { Program } from '../gpu/program';
import type { RunTime } from '../gpu/run';
import { rowsOf, type Tensor } from '../gpu/tensor';
import { copyTensor, readNumbers, writeNumbers } from '../gpu/transfer';
import { rotaryTable } from '../kernels/rms_rope';
import { besidesWeights, type DenoiserShape, type RecordedDenoiser, recordDenoiser } from './denoiser_programs';
import { sourceFor } from './int8_source';
import { type ComputeOptions, recorderOptions } from './options';
import { type PlacedWeights, placeWeights } from './weight_placement';
import type { WeightSource } from './weight_source';

export type { DenoiserShape };

export interface Denoiser {
  /** (videos · in_dim, frames, height, width) f32: written by the sampler. */
  readonly latents: Tensor;
  /** One (videos · out_dim, …) f32 for each branch: written by `forward`. */
  readonly velocities: readonly Tensor[];
  readonly programs: readonly Program[];
  /** Bytes of weights that stay, and that each step brings through the slots. */
  readonly residentBytes: number;
  readonly streamedBytes: number;
  /** One (tokens, text_dim) f32 for each of the shape's prompts. */
  setPrompts(embeddings: readonly Tensor[]): Promise<void>;
  setTimesteps(timesteps: readonly number[]): Promise<void>;
  forward(step: number, timing?: 'program' | 'dispatch'): Promise<RunTime[]>;
  destroy(): void;
}

export async function createDenoiser(
  context: GpuContext,
  source: WeightSource,
  config: DitConfig,
  shape: DenoiserShape,
  options: ComputeOptions,
): Promise<Denoiser> {
  const { memory, pipelines } = context;
  const { activation, products } = options;
  const recorded = recordDenoiser(recorderOptions(context, activation, products), source, config, shape, options);
  const { own, programs, prompt, time, rotary } = recorded;
  const besidesBytes = memory.bytes + besidesWeights(recorded);
  const held = sourceFor(context, source, products);
  let weights: PlacedWeights | null = null;
  const giveBack = () => {
    weights?.destroy();
    memory.free(own);
  };
  try {
    pipelines.begin([...prompt, time.program, ...programs]);
    await memory.allocate(own);
    const others = [prompt, [time.program]];
    weights = await placeWeights(context, held, recorded.planted, programs, others, besidesBytes, options);
    const bound = await bindTogether(context, programs, options.signal);
    writeNumbers(memory, rotary.table, rotaryTable(rotary.positions, rotary.head));
    return runDenoiser(context, config, shape, recorded, weights, bound, options, () => {
      bound.destroy();
      giveBack();
    });
  } catch (failure) {
    giveBack();
    throw failure;
  }
}

function runDenoiser(
  context: GpuContext,
  config: DitConfig,
  { fixedTokens, steps }: DenoiserShape,
  recorded: RecordedDenoiser,
  weights: PlacedWeights,
  bound: BoundGroup,
  { savings, signal, tap, onBlock, onRun = () => {} }: ComputeOptions,
  destroy: () => void,
): Denoiser {
  const { memory, runner } = context;
  const { latents, velocities, x, tokens, padded, headTimesteps, blockTimesteps, time, passes, prompt } = recorded;
  const perPass = config.num_layers + 2;
  /** Of the first programs: each pass begins and ends with one that is no block. */
  const blocksBefore = (programs: number) => {
    const inPass = Math.min(Math.max((programs % perPass) - 1, 0), config.num_layers);
    return Math.floor(programs / perPass) * config.num_layers + inPass;
  };

  /** Programs that run once, with their weights passing through. */
  async function runPassing(group: readonly Program[]): Promise<void> {
    if (weights.stream.ahead) throw new Error('The next step’s weights are in the slots; finish the loop first.');
    const stream = weights.streamFor(group);
    const passing = await bindTogether(context, group, signal);
    try {
      stream.begin({ signal });
      onRun(await runner.run(passing.programs, { signal, feed: stream }));
    } finally {
      passing.destroy();
    }
  }

  let timesteps: readonly number[] = [];
  const vectorsOfStep = (t: number) =>
    savings
      ? fixedTokens > 0
        ? [0, t]
        : [t]
      : Array.from({ length: tokens }, (_, token) => (token < fixedTokens ? 0 : t));

  /** One vector for each of these, and for the steps that a shorter loop leaves out. */
  async function embedTime(values: readonly number[]): Promise<void> {
    const rows = time.frequencies.shape[0]!;
    const all = [...values, ...Array.from({ length: rows - values.length }, () => 0)];
    writeNumbers(memory, time.frequencies, timestepFrequencies(all, config.freq_dim));
    await runPassing([time.program]);
  }

  return {
    latents,
    velocities,
    programs: recorded.programs,
    residentBytes: weights.residentBytes,
    streamedBytes: weights.streamedBytes,

    async setPrompts(embeddings) {
      embeddings.forEach((embedding, prompt) =>
        copyTensor(memory, embedding, rowsOf(padded[prompt]!, 0, embedding.shape[0]!)),
      );
      await runPassing(prompt);
    },

    async setTimesteps(values) {
      if (values.length > steps) throw new Error(`${values.length} timesteps for a denoiser made for ${steps}.`);
      timesteps = values;
      if (savings) await embedTime(values.flatMap(vectorsOfStep));
    },

    async forward(step, timing = 'program') {
      if (savings) {
        copyTensor(memory, rowsOf(time.head, step * time.vectors, time.vectors), headTimesteps.vectors);
        copyTensor(memory, rowsOf(time.blocks, step * time.vectors, time.vectors), blockTimesteps.vectors);
      } else {
        await embedTime(vectorsOfStep(timesteps[step]!));
      }
      const times: RunTime[] = [];
      let told = 0;
      // With the savings off, the time embedding passes through the slots before the next step's weights may.
      weights.stream.begin({ signal, again: savings && step + 1 < timesteps.length });
      const run = async (from: number, count: number) => {
        const group = bound.programs.slice(from, from + count);
        const onPrograms = (done: number) => {
          const blocks = blocksBefore(from + done);
          if (blocks > told) onBlock?.((told = blocks), passes * config.num_layers);
        };
        times.push(await runner.run(group, { signal, timing, feed: weights.stream, onPrograms }));
      };
      for (let pass = 0; pass < passes; pass++) {
        const first = pass * perPass;
        if (!tap || pass > 0) {
          await run(first, perPass);
          continue;
        }
        await run(first, 1);
        tap('patch_embedding', await readNumbers(memory, rowsOf(x, 0, tokens)));
        for (let block = 0; block < config.num_layers; block++) {
          await run(first + 1 + block, 1);
          tap(`block${block}`, await readNumbers(memory, rowsOf(x, 0, tokens)));
        }
        await run(first + perPass - 1, 1);
      }
      return times;
    },

    destroy,
  };
}
