/**
 * The diffusion transformer at one size: programs, weights and state for a whole
 * sampling loop, made once. `forward` then makes nothing.
 *
 * With the savings on: the padding of the prompt is one row that counts many
 * times, cross-attention's keys and values are made once a prompt, all steps'
 * timestep vectors are made together, and both guidance branches go through a
 * block while its weights are there.
 */

import { type CrossKeys, crossKeys, ditBlock, ditBlockWeights } from '../dit/block';
import { type DitConfig, type TokenGrid, tokenCount } from '../dit/config';
import { ditBegin, ditEdgeWeights, ditEnd, textEmbedding, timeEmbedding, timestepFrequencies } from '../dit/model';
import { type BoundGroup, bindTogether, type GpuContext } from '../gpu/context';
import { type Program, type Recorder, record } from '../gpu/program';
import type { RunTime } from '../gpu/run';
import { sharedScratchBytes } from '../gpu/scratch';
import { type ElementType, externalTensor, reshape, rowsOf, type Tensor, tensorBytes } from '../gpu/tensor';
import { copyTensor, readNumbers, writeNumbers } from '../gpu/transfer';
import { plantTiles } from '../gpu/weight_tree';
import { rotaryTable } from '../kernels/rms_rope';
import { EVERY_TOKEN, type Timesteps } from '../kernels/timesteps';
import { type ComputeOptions, recorderOptions } from './options';
import { placeWeights, TILE_BYTES } from './weight_placement';
import type { WeightSource } from './weight_source';

export interface DenoiserShape {
  readonly grid: TokenGrid;
  /** Length of each branch's prompt: one without guidance, two with it. */
  readonly promptTokens: readonly number[];
  /** Leading tokens that stand at t = 0: a given first frame. */
  readonly fixedTokens: number;
}

export interface Denoiser {
  /** (in_dim, frames, height, width) f32: written by the sampler. */
  readonly latents: Tensor;
  /** One (out_dim, …) f32 for each branch: written by `forward`. */
  readonly velocities: readonly Tensor[];
  readonly programs: readonly Program[];
  /** Bytes of weights that stay, and that each step brings through the slots. */
  readonly residentBytes: number;
  readonly streamedBytes: number;
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
  const { memory, runner } = context;
  const { activation, savings, residency, signal, tap, onBlock, onRun = () => {} } = options;
  const { tileBytes = TILE_BYTES } = options;
  const { grid, promptTokens, fixedTokens } = shape;
  const { dim, text_len: textLength } = config;
  const settings = recorderOptions(context, activation);
  const tokens = tokenCount(grid);
  const branches = promptTokens.length;
  const own: Tensor[] = [];
  const external = (label: string, size: readonly number[], type: ElementType) => {
    const tensor = externalTensor(label, size, type);
    own.push(tensor);
    return tensor;
  };

  const size = [grid.frames, grid.height * 2, grid.width * 2];
  const latents = external('latents', [config.in_dim, ...size], 'f32');
  const velocities = promptTokens.map((_, branch) => external(`velocity ${branch}`, [config.out_dim, ...size], 'f32'));
  const x = external('x', [branches * tokens, dim], 'f32');
  const positions = Math.max(grid.frames, grid.height, grid.width);
  const head = dim / config.num_heads;
  const rotary = { ...grid, table: external('rotary table', [positions, head / 2, 2], 'f32') };

  // A vector for the fixed tokens comes first, if there are any.
  const vectors = savings ? (fixedTokens > 0 ? 2 : 1) : tokens;
  const split = !savings ? EVERY_TOKEN : fixedTokens > 0 ? fixedTokens : tokens;
  const headTimesteps: Timesteps = { vectors: external('timestep, head', [vectors, 1, dim], 'f32'), tokens, split };
  const blockTimesteps: Timesteps = { vectors: external('timestep, blocks', [vectors, 6, dim], 'f32'), tokens, split };

  // The rows after the prompt are all zero before the text embedding, hence all equal after it.
  const keyRows = promptTokens.map((count) => (savings ? Math.min(count + 1, textLength) : textLength));
  const lastKeyCount = promptTokens.map((count) => (savings && count < textLength ? textLength - count : 1));
  const padded = keyRows.map((rows, branch) => external(`padded embeddings ${branch}`, [rows, config.text_dim], 'f32'));
  const contexts = keyRows.map((rows, branch) => external(`context ${branch}`, [rows, dim], activation));
  const keys: CrossKeys[][] = Array.from({ length: savings ? config.num_layers : 0 }, (_, block) =>
    keyRows.map((rows, branch) => ({
      key: external(`key ${block}.${branch}`, [rows, dim], activation),
      value: external(`value ${block}.${branch}`, [rows, dim], activation),
      lastKeyCount: lastKeyCount[branch]!,
    })),
  );

  const edge = plantTiles((ask) => ditEdgeWeights(ask, config), source, tileBytes);
  const blocks = Array.from({ length: config.num_layers }, (_, block) =>
    // Whole matrices take fewer dispatches, where they stay.
    plantTiles(
      (ask) => ditBlockWeights(ask, config, block),
      source,
      residency === 'resident' ? Number.POSITIVE_INFINITY : tileBytes,
    ),
  );
  const planted = {
    tensors: new Map([edge, ...blocks].flatMap(({ tensors }) => [...tensors])),
    tiles: [edge, ...blocks].flatMap(({ tiles }) => tiles),
  };

  // One pass over the blocks for all branches, or one for each.
  const passes = savings ? [promptTokens.map((_, branch) => branch)] : promptTokens.map((_, branch) => [branch]);
  const rowsOfPass = (pass: readonly number[]) => rowsOf(x, pass[0]! * tokens, pass.length * tokens);
  const begin = passes.map(
    (pass) => record('begin', settings, (r) => ditBegin(r, edge.tree, latents, rowsOfPass(pass), pass.length)).program,
  );
  const middle = passes.map((pass) =>
    Array.from(
      { length: config.num_layers },
      (_, block) =>
        record(`block ${block}`, settings, (r) => {
          const weights = blocks[block]!.tree;
          const prompts = pass.map(
            (branch) =>
              keys[block]?.[branch] ?? crossKeys(r, config, weights, contexts[branch]!, lastKeyCount[branch]!),
          );
          ditBlock(r, config, weights, rowsOfPass(pass), blockTimesteps, rotary, prompts);
        }).program,
    ),
  );
  const end = passes.map(
    (pass) =>
      record('end', settings, (r) =>
        ditEnd(
          r,
          config,
          edge.tree,
          rowsOfPass(pass),
          headTimesteps,
          pass.map((branch) => velocities[branch]!),
        ),
      ).program,
  );
  const programs = passes.flatMap((_, pass) => [begin[pass]!, ...middle[pass]!, end[pass]!]);
  const perPass = config.num_layers + 2;

  // Run once a prompt: all that depends on the prompt alone.
  const prompt = [
    record('text embedding', settings, (r) =>
      padded.forEach((rows, branch) => textEmbedding(r, edge.tree, rows, contexts[branch]!)),
    ).program,
    ...keys.map(
      (ofBlock, block) =>
        record('cross keys', settings, (r) =>
          ofBlock.forEach((into, branch) =>
            crossKeys(r, config, blocks[block]!.tree, contexts[branch]!, into.lastKeyCount, into),
          ),
        ).program,
    ),
  ];

  await memory.allocate(own);
  const besidesBytes =
    own.reduce((sum, tensor) => sum + tensorBytes(tensor), 0) +
    Math.max(sharedScratchBytes(programs), sharedScratchBytes(prompt));
  const weights = await placeWeights(context, source, planted, programs, [prompt], besidesBytes, options);
  const bound: BoundGroup = await bindTogether(context, programs);
  writeNumbers(memory, rotary.table, rotaryTable(positions, head));

  /** Programs that run once, with their weights passing through. */
  async function runPassing(group: readonly Program[]): Promise<void> {
    const stream = weights.streamFor(group);
    const passing = await bindTogether(context, group);
    try {
      stream.begin({ signal });
      onRun(await runner.run(passing.programs, { signal, feed: stream }));
    } finally {
      passing.destroy();
    }
  }

  let stepVectors: { head: Tensor; blocks: Tensor } | null = null;
  let timesteps: readonly number[] = [];
  const vectorsOfStep = (t: number) =>
    savings
      ? fixedTokens > 0
        ? [0, t]
        : [t]
      : Array.from({ length: tokens }, (_, token) => (token < fixedTokens ? 0 : t));

  /** Run the time embedding over the given timesteps into tensors of one row each. */
  async function embedTime(values: readonly number[], headRows: Tensor, blockRows: Tensor): Promise<void> {
    const frequencies = externalTensor('timestep frequencies', [values.length, config.freq_dim], 'f32');
    await memory.allocate([frequencies]);
    try {
      writeNumbers(memory, frequencies, timestepFrequencies(values, config.freq_dim));
      const build = (r: Recorder) => timeEmbedding(r, edge.tree, frequencies, headRows, blockRows);
      await runPassing([record('time embedding', settings, build).program]);
    } finally {
      memory.free([frequencies]);
    }
  }

  return {
    latents,
    velocities,
    programs,
    residentBytes: weights.residentBytes,
    streamedBytes: weights.streamedBytes,

    async setPrompts(embeddings) {
      embeddings.forEach((embedding, branch) =>
        copyTensor(memory, embedding, rowsOf(padded[branch]!, 0, embedding.shape[0]!)),
      );
      await runPassing(prompt);
    },

    async setTimesteps(values) {
      timesteps = values;
      if (!savings) return;
      const all = values.flatMap(vectorsOfStep);
      if (stepVectors) memory.free(Object.values(stepVectors));
      stepVectors = {
        head: externalTensor('timesteps, head', [all.length, dim], 'f32'),
        blocks: externalTensor('timesteps, blocks', [all.length, 6 * dim], 'f32'),
      };
      await memory.allocate(Object.values(stepVectors));
      await embedTime(all, stepVectors.head, stepVectors.blocks);
    },

    async forward(step, timing = 'program') {
      if (stepVectors) {
        copyTensor(memory, rowsOf(stepVectors.head, step * vectors, vectors), headTimesteps.vectors);
        copyTensor(memory, rowsOf(stepVectors.blocks, step * vectors, vectors), blockTimesteps.vectors);
      } else {
        await embedTime(
          vectorsOfStep(timesteps[step]!),
          reshape(headTimesteps.vectors, [vectors, dim]),
          reshape(blockTimesteps.vectors, [vectors, 6 * dim]),
        );
      }
      const times: RunTime[] = [];
      weights.stream.begin({ signal, again: step + 1 < timesteps.length });
      const run = async (from: number, count: number) =>
        times.push(
          await runner.run(bound.programs.slice(from, from + count), { signal, timing, feed: weights.stream }),
        );
      for (let pass = 0; pass < passes.length; pass++) {
        const first = pass * perPass;
        if (!tap && !onBlock) {
          await run(first, perPass);
          continue;
        }
        await run(first, 1);
        if (tap && pass === 0) tap('patch_embedding', await readNumbers(memory, rowsOf(x, 0, tokens)));
        for (let block = 0; block < config.num_layers; block++) {
          await run(first + 1 + block, 1);
          onBlock?.(pass * config.num_layers + block + 1, passes.length * config.num_layers);
          if (tap && pass === 0) tap(`block${block}`, await readNumbers(memory, rowsOf(x, 0, tokens)));
        }
        await run(first + perPass - 1, 1);
      }
      return times;
    },

    destroy() {
      bound.destroy();
      weights.destroy();
      memory.free([...own, ...(stepVectors ? Object.values(stepVectors) : [])]);
    },
  };
}
