/**
 * What each stage of a clip has to compute, by the kind of work, from the very
 * programs that run: networks recorded at full size, with no memory behind them.
 */
import type { Cost } from '../core/cost';
import { NO_COST, repeat, sum } from '../core/cost';
import { crossKeys, ditBlock, ditBlockWeights } from '../dit/block';
import { WAN22_5B } from '../dit/config';
import { ditBegin, ditEdgeWeights, ditEnd, textEmbedding } from '../dit/model';
import { type Program, type RecorderOptions, record } from '../gpu/program';
import { programsBytes } from '../gpu/scratch';
import { externalTensor } from '../gpu/tensor';
import { plantTree } from '../gpu/weight_tree';
import type { Timesteps } from '../kernels/timesteps';
import { decodeModel, wholePass } from '../pipeline/decode_passes';
import { UMT5_XXL } from '../text/config';
import { textBlock, textBlockWeights } from '../text/encoder';
import { WAN22_VAE } from '../vae/config';
import { gridOf, latentFrames, PROMPT_TOKENS, type Preset, tokensOf } from './presets';

/** Kinds of work that run at rates of their own. Attention is self-attention; the short cross-attention counts as linear. */
export type WorkKind = 'text' | 'linear' | 'attention' | 'conv';

export type Work = Readonly<Record<WorkKind, Cost>>;

export interface StageWork {
  readonly encode: Work;
  /** One guided step: both branches through all blocks. */
  readonly step: Work;
  readonly decode: Work;
  readonly dispatchesPerStep: number;
  /** The most GPU memory at once, in all and in one buffer, with two blocks of a network's weights there. */
  readonly memory: { readonly total: number; readonly largest: number };
}

/** One block of the transformer, or of the text encoder, in bf16. */
const BLOCK_BYTES = 0.4e9;

const NONE: Work = { text: NO_COST, linear: NO_COST, attention: NO_COST, conv: NO_COST };

export function stageWork(clip: Preset, settings: RecorderOptions): StageWork {
  const text = textProgram(settings);
  const { prompts, begin, block, end } = ditPrograms(clip, settings);
  const chunks = decodePrograms(clip, settings);
  const blocks = split(block);
  const edges = sum([begin.cost, end.cost]);
  const { total, largest } = [[text], [begin, block, end], chunks].map(programsBytes).reduce((most, need) => ({
    total: Math.max(most.total, need.total),
    largest: Math.max(most.largest, need.largest),
  }));
  return {
    encode: { ...NONE, text: repeat(text.cost, UMT5_XXL.num_layers), linear: prompts.cost },
    step: {
      ...NONE,
      linear: sum([repeat(blocks.linear, WAN22_5B.num_layers), edges]),
      attention: repeat(blocks.attention, WAN22_5B.num_layers),
    },
    decode: { ...NONE, conv: sum([chunks[0]!.cost, repeat(chunks.at(-1)!.cost, latentFrames(clip) - 1)]) },
    dispatchesPerStep: [begin, end].reduce(
      (count, { commands }) => count + commands.length,
      block.commands.length * WAN22_5B.num_layers,
    ),
    // The other set of block weights; those of the block at work are counted with its program.
    memory: { total: total + BLOCK_BYTES, largest },
  };
}

/** Is this dispatch self-attention, whose work grows with the square of the tokens? */
export function isSelfAttention(kernel: string, label: string): boolean {
  return kernel.startsWith('attention') && label === 'self_attn';
}

function split(program: Program): { linear: Cost; attention: Cost } {
  const costs = { linear: [] as Cost[], attention: [] as Cost[] };
  for (const command of program.commands)
    if (command.kind === 'dispatch')
      costs[isSelfAttention(command.shader.name, command.label) ? 'attention' : 'linear'].push(command.cost);
  return { linear: sum(costs.linear), attention: sum(costs.attention) };
}

function textProgram(settings: RecorderOptions): Program {
  const { tree } = plantTree((ask) => textBlockWeights(ask, UMT5_XXL, 0), { typeOf: () => 'bf16' });
  const rows = PROMPT_TOKENS.reduce<number>((total, count) => total + count, 0);
  let start = 0;
  const prompts = PROMPT_TOKENS.map((length) => {
    start += length;
    return { start: start - length, length, buckets: externalTensor('buckets', [2 * length - 1], 'u32') };
  });
  return record('text block', { ...settings, activation: 'f32' }, (r) =>
    textBlock(r, UMT5_XXL, tree, externalTensor('x', [rows, UMT5_XXL.dim], 'f32'), prompts),
  ).program;
}

/** Of the first chunk, and of every later one. */
function decodePrograms(clip: Preset, settings: RecorderOptions) {
  const model = decodeModel({ typeOf: () => 'bf16' }, WAN22_VAE, settings, true);
  const shape = [WAN22_VAE.z_dim, latentFrames(clip), clip.height / 16, clip.width / 16];
  return wholePass(model, externalTensor('latents', shape, 'f32')).main;
}

function ditPrograms(clip: Preset, settings: RecorderOptions) {
  const { dim, in_dim, out_dim, num_heads } = WAN22_5B;
  const grid = gridOf(clip);
  const tokens = tokensOf(clip);
  const branches = PROMPT_TOKENS.length;
  const { tree: weights } = plantTree((ask) => ditBlockWeights(ask, WAN22_5B, 0), { typeOf: () => 'bf16' });
  const { tree: edge } = plantTree((ask) => ditEdgeWeights(ask, WAN22_5B), { typeOf: () => 'bf16' });
  const x = externalTensor('x', [branches * tokens, dim], 'f32');
  const latents = (channels: number) =>
    externalTensor('latents', [channels, grid.frames, grid.height * 2, grid.width * 2], 'f32');
  const timesteps = (rows: number): Timesteps => ({
    vectors: externalTensor('timestep', [1, rows, dim], 'f32'),
    tokens,
    split: tokens,
  });
  const rotary = {
    ...grid,
    table: externalTensor('rotary', [Math.max(grid.frames, grid.height, grid.width), dim / num_heads / 2, 2], 'f32'),
  };
  const keys = PROMPT_TOKENS.map((count) => ({
    key: externalTensor('key', [count + 1, dim], settings.activation),
    value: externalTensor('value', [count + 1, dim], settings.activation),
    lastKeyCount: WAN22_5B.text_len - count,
  }));
  return {
    prompts: record('prompts', settings, (r) => {
      const contexts = PROMPT_TOKENS.map((count) =>
        textEmbedding(r, edge, externalTensor('embeddings', [count + 1, WAN22_5B.text_dim], 'f32')),
      );
      for (let layer = 0; layer < WAN22_5B.num_layers; layer++)
        for (const context of contexts) crossKeys(r, WAN22_5B, weights, context, 1);
    }).program,
    begin: record('begin', settings, (r) => ditBegin(r, edge, latents(in_dim), x, branches)).program,
    block: record('block', settings, (r) => ditBlock(r, WAN22_5B, weights, x, timesteps(6), rotary, keys)).program,
    end: record('end', settings, (r) =>
      ditEnd(
        r,
        WAN22_5B,
        edge,
        x,
        timesteps(1),
        PROMPT_TOKENS.map(() => latents(out_dim)),
      ),
    ).program,
  };
}
