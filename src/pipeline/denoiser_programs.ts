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
import { AppError } from '../core/errors';
import { type CrossKeys, crossKeys, ditBlock, ditBlockWeights } from '../dit/block';
import { chooseBlockRows } from '../dit/block_rows';
import { type DitConfig, type TokenGrid, tokenCount } from '../dit/config';
import { ditBegin, ditEdgeWeights, ditEnd, textEmbedding, timeEmbedding } from '../dit/model';
import { type RecorderOptions, record } from '../gpu/program';
import { sharedScratchBytes } from '../gpu/scratch';
import { type ElementType, externalTensor, reshape, rowsOf, type Tensor, tensorBytes } from '../gpu/tensor';
import { plantTiles, type Storing } from '../gpu/weight_tree';
import { EVERY_TOKEN, type Timesteps } from '../kernels/timesteps';
import { STAGING_BYTES, storedFor } from './int8_source';
import type { ComputeOptions } from './options';
import { TILE_BYTES } from './weight_plan';

export interface DenoiserShape {
  readonly grid: TokenGrid;
  /** Length of each prompt. */
  readonly promptTokens: readonly number[];
  /**
   * Videos made at once: for each, the prompt of each of its branches by its place in `promptTokens`; one branch without
   * guidance, two with it. `[[0, 1], [2, 1]]` is two videos with one negative prompt. Unless given, one video with all
   * the prompts.
   */
  readonly batch?: readonly (readonly number[])[] | undefined;
  /** Leading tokens that stand at t = 0: a given first frame. */
  readonly fixedTokens: number;
  /** The most steps of a sampling loop. */
  readonly steps: number;
}

export type RecordOptions = Pick<ComputeOptions, 'savings' | 'residency' | 'tileBytes' | 'memoryBytes'>;

/** Of the memory allowed, what a block's own tensors may take beside weights that pass. */
const BLOCK_SHARE = 1 / 8;

export type RecordedDenoiser = ReturnType<typeof recordDenoiser>;

export function recordDenoiser(
  settings: RecorderOptions,
  storing: Storing,
  config: DitConfig,
  shape: DenoiserShape,
  { savings, residency, tileBytes = TILE_BYTES, memoryBytes }: RecordOptions,
) {
  const { grid, promptTokens, fixedTokens, steps } = shape;
  const { activation, products } = settings;
  // What is small, and read by all: it stays exact.
  const edges: RecorderOptions = { ...settings, products: 'exact' };
  const stored = storedFor(storing, products);
  const { dim, text_len: textLength } = config;
  const tokens = tokenCount(grid);
  const batch = batchOf(shape);
  // The residual stream's parts of `tokens` rows: the branches of the first video, those of the next.
  const sequences = batch
    .flatMap((prompts, video) => prompts.map((prompt, branch) => ({ video, branch, prompt })))
    .map((sequence, place) => ({ ...sequence, place }));
  const own: Tensor[] = [];
  const external = (label: string, size: readonly number[], type: ElementType) => {
    const tensor = externalTensor(label, size, type);
    own.push(tensor);
    return tensor;
  };

  const size = [grid.frames, grid.height * 2, grid.width * 2];
  const latents = external('latents', [batch.length * config.in_dim, ...size], 'f32');
  const velocities = batch[0]!.map((_, branch) =>
    external(`velocity ${branch}`, [batch.length * config.out_dim, ...size], 'f32'),
  );
  const x = external('x', [sequences.length * tokens, dim], 'f32');
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
  const padded = keyRows.map((count, prompt) =>
    external(`padded embeddings ${prompt}`, [count, config.text_dim], 'f32'),
  );
  const contexts = keyRows.map((count, prompt) => external(`context ${prompt}`, [count, dim], activation));
  const keys: CrossKeys[][] = Array.from({ length: savings ? config.num_layers : 0 }, (_, block) =>
    keyRows.map((count, prompt) => ({
      key: external(`key ${block}.${prompt}`, [count, dim], activation),
      value: external(`value ${block}.${prompt}`, [count, dim], activation),
      lastKeyCount: lastKeyCount[prompt]!,
    })),
  );

  const edge = plantTiles((ask) => ditEdgeWeights(ask, config), stored, tileBytes);
  const blocks = Array.from({ length: config.num_layers }, (_, block) =>
    // Whole matrices take fewer dispatches, where they stay.
    plantTiles(
      (ask) => ditBlockWeights(ask, config, block),
      stored,
      residency === 'resident' ? Number.POSITIVE_INFINITY : tileBytes,
    ),
  );
  const planted = {
    tensors: new Map([edge, ...blocks].flatMap(({ tensors }) => [...tensors])),
    tiles: [edge, ...blocks].flatMap(({ tiles }) => tiles),
  };

  // One pass over the blocks for all branches of all videos, or one for each.
  const passes = savings ? [sequences] : sequences.map((sequence) => [sequence]);
  const blockShape = { tokens, sequences: passes[0]!.length };
  const staying = bytesOf([...own, ...planted.tensors.values(), ...planted.tiles.map(({ tensor }) => tensor)]);
  // Fewer rows at once where that keeps more weights, but not where all of them stay anyway.
  const blockBytes = memoryBytes && Math.max(memoryBytes * BLOCK_SHARE, memoryBytes - staying);
  const blockRows = chooseBlockRows(settings, config, blockShape, blockBytes);
  const rowsOfPass = (pass: typeof sequences) => rowsOf(x, pass[0]!.place * tokens, pass.length * tokens);
  const begin = passes.map(
    (pass) =>
      record('begin', edges, (r) => {
        for (let video = 0; video < batch.length; video++) {
          const branches = pass.filter((each) => each.video === video);
          const noisy = rowsOf(latents, video * config.in_dim, config.in_dim);
          if (branches.length > 0) ditBegin(r, edge.tree, noisy, rowsOfPass(branches), branches.length);
        }
      }).program,
  );
  const middle = passes.map((pass) =>
    Array.from(
      { length: config.num_layers },
      (_, block) =>
        record(`block ${block}`, settings, (r) => {
          const weights = blocks[block]!.tree;
          const prompts = pass.map(
            ({ prompt }) =>
              keys[block]?.[prompt] ?? crossKeys(r, config, weights, contexts[prompt]!, lastKeyCount[prompt]!),
          );
          ditBlock(r, config, weights, rowsOfPass(pass), blockTimesteps, rotary, prompts, blockRows);
        }).program,
    ),
  );
  const end = passes.map(
    (pass) =>
      record('end', edges, (r) =>
        ditEnd(
          r,
          config,
          edge.tree,
          rowsOfPass(pass),
          headTimesteps,
          pass.map(({ video, branch }) => rowsOf(velocities[branch]!, video * config.out_dim, config.out_dim)),
        ),
      ).program,
  );
  const programs = passes.flatMap((_, pass) => [begin[pass]!, ...middle[pass]!, end[pass]!]);

  const timeProgram = record('time embedding', edges, (r) =>
    timeEmbedding(r, edge.tree, time.frequencies, time.head, time.blocks),
  ).program;

  // Run once a prompt: all that depends on the prompt alone.
  const prompt = [
    record('text embedding', edges, (r) =>
      padded.forEach((embeddings, at) => textEmbedding(r, edge.tree, embeddings, contexts[at]!)),
    ).program,
    ...keys.map(
      (ofBlock, block) =>
        record('cross keys', settings, (r) =>
          ofBlock.forEach((into, at) =>
            crossKeys(r, config, blocks[block]!.tree, contexts[at]!, into.lastKeyCount, into),
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
    /** GPU memory that weights pass through where they are rounded as they are loaded. */
    stagingBytes: planted.tiles.some((tile) => storing.typeOf(tile) !== tile.tensor.type) ? STAGING_BYTES : 0,
    /** For each pass: begin, the blocks, end. */
    programs,
    passes: passes.length,
    prompt,
  };
}

/** Throws input-invalid where a video names a prompt that is not there, or has not the branches of the first. */
function batchOf({ promptTokens, batch = [promptTokens.map((_, prompt) => prompt)] }: DenoiserShape) {
  const branches = batch[0]?.length ?? 0;
  batch.forEach((prompts, video) => {
    const unknown = prompts.find((prompt) => promptTokens[prompt] === undefined);
    if (prompts.length !== branches || unknown !== undefined)
      throw new AppError(
        'input-invalid',
        unknown === undefined
          ? `Video ${video + 1} of the batch has ${prompts.length} prompts and the first ${branches}. Give all as many.`
          : `Video ${video + 1} of the batch wants prompt ${unknown + 1}, and there are ${promptTokens.length}.`,
      );
  });
  if (branches === 0) throw new AppError('input-invalid', 'A batch of 0 videos was asked for. Ask for 1 or more.');
  return batch;
}

/** GPU memory that a denoiser takes beside its weights. */
export function besidesWeights({ own, programs, prompt, time, stagingBytes }: RecordedDenoiser): number {
  const passing = Math.max(sharedScratchBytes(prompt), sharedScratchBytes([time.program]));
  return bytesOf(own) + sharedScratchBytes(programs) + passing + stagingBytes;
}

const bytesOf = (tensors: readonly Tensor[]) => tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
