/**
 * The diffusion transformer at one size, as data: its tensors, its weights as
 * tiles, and the programs that read them. Nothing here has memory yet, so the
 * same recording gives a plan, an estimate, or a run (denoiser.ts).
 *
 * With the savings on: the padding of the prompt is one row that counts many
 * times, cross-attention's keys and values are made once a prompt, all steps'
 * timestep vectors are made together, and both guidance branches go through a
 * block while its weights are there.
 */
import { type CrossKeys, crossKeys, ditBlock, ditBlockWeights } from '../dit/block';
import { type DitConfig, type TokenGrid, tokenCount } from '../dit/config';
import { ditBegin, ditEdgeWeights, ditEnd, textEmbedding, timeEmbedding } from '../dit/model';
import { type RecorderOptions, record } from '../gpu/program';
import { sharedScratchBytes } from '../gpu/scratch';
import { type ElementType, externalTensor, reshape, rowsOf, type Tensor, tensorBytes } from '../gpu/tensor';
import { plantTiles, type Storing } from '../gpu/weight_tree';
import { EVERY_TOKEN, type Timesteps } from '../kernels/timesteps';
import type { ComputeOptions } from './options';
import { TILE_BYTES } from './weight_plan';

export interface DenoiserShape {
  readonly grid: TokenGrid;
  /** Length of each branch's prompt: one without guidance, two with it. */
  readonly promptTokens: readonly number[];
  /** Leading tokens that stand at t = 0: a given first frame. */
  readonly fixedTokens: number;
  /** The most steps of a sampling loop. */
  readonly steps: number;
}

export type RecordedDenoiser = ReturnType<typeof recordDenoiser>;

export function recordDenoiser(
  settings: RecorderOptions,
  storing: Storing,
  config: DitConfig,
  shape: DenoiserShape,
  { savings, residency, tileBytes = TILE_BYTES }: Pick<ComputeOptions, 'savings' | 'residency' | 'tileBytes'>,
) {
  const { grid, promptTokens, fixedTokens, steps } = shape;
  const { activation } = settings;
  const { dim, text_len: textLength } = config;
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

  // All steps' vectors are made before the first.
  const rows = savings ? steps * vectors : vectors;
  const time = {
    frequencies: external('timestep frequencies', [rows, config.freq_dim], 'f32'),
    head: savings ? external('timesteps, head', [rows, dim], 'f32') : reshape(headTimesteps.vectors, [rows, dim]),
    blocks: savings
      ? external('timesteps, blocks', [rows, 6 * dim], 'f32')
      : reshape(blockTimesteps.vectors, [rows, 6 * dim]),
  };

  // The rows after the prompt are all zero before the text embedding, hence all equal after it.
  const keyRows = promptTokens.map((count) => (savings ? Math.min(count + 1, textLength) : textLength));
  const lastKeyCount = promptTokens.map((count) => (savings && count < textLength ? textLength - count : 1));
  const padded = keyRows.map((count, branch) =>
    external(`padded embeddings ${branch}`, [count, config.text_dim], 'f32'),
  );
  const contexts = keyRows.map((count, branch) => external(`context ${branch}`, [count, dim], activation));
  const keys: CrossKeys[][] = Array.from({ length: savings ? config.num_layers : 0 }, (_, block) =>
    keyRows.map((count, branch) => ({
      key: external(`key ${block}.${branch}`, [count, dim], activation),
      value: external(`value ${block}.${branch}`, [count, dim], activation),
      lastKeyCount: lastKeyCount[branch]!,
    })),
  );

  const edge = plantTiles((ask) => ditEdgeWeights(ask, config), storing, tileBytes);
  const blocks = Array.from({ length: config.num_layers }, (_, block) =>
    // Whole matrices take fewer dispatches, where they stay.
    plantTiles(
      (ask) => ditBlockWeights(ask, config, block),
      storing,
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

  const timeProgram = record('time embedding', settings, (r) =>
    timeEmbedding(r, edge.tree, time.frequencies, time.head, time.blocks),
  ).program;

  // Run once a prompt: all that depends on the prompt alone.
  const prompt = [
    record('text embedding', settings, (r) =>
      padded.forEach((embeddings, branch) => textEmbedding(r, edge.tree, embeddings, contexts[branch]!)),
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

  return {
    latents,
    velocities,
    x,
    tokens,
    rotary: { table: rotary.table, positions, head },
    padded,
    /** Of one step; `time` makes those of all steps, or with the savings off of one. */
    headTimesteps,
    blockTimesteps,
    time: { ...time, vectors, program: timeProgram },
    /** All tensors above, and what else lives as long. */
    own,
    planted,
    /** For each pass: begin, the blocks, end. */
    programs,
    passes: passes.length,
    prompt,
  };
}

/** GPU memory that a denoiser takes beside its weights. */
export function besidesWeights({ own, programs, prompt, time }: RecordedDenoiser): number {
  const passing = Math.max(sharedScratchBytes(prompt), sharedScratchBytes([time.program]));
  return own.reduce((sum, tensor) => sum + tensorBytes(tensor), 0) + sharedScratchBytes(programs) + passing;
}
