/**
 * What each stage of a clip has to compute, by the kind of work, from the very
 * programs that run: networks recorded at full size, with no memory behind them.
 */
import { type Cost, sum } from '../core/cost';
import type { MemoryParts, StageMemory } from '../core/stage_memory';
import { bytes, flops } from '../core/units';
import { crossKeys, ditBlock, ditBlockWeights } from '../dit/block';
import { WAN22_5B } from '../dit/config';
import { ditBegin, ditEdgeWeights, ditEnd, textEmbedding } from '../dit/model';
import { type Command, type Program, type RecorderOptions, record } from '../gpu/program';
import { externalsOf, programsBytes } from '../gpu/scratch';
import { externalTensor, type Tensor, tensorBytes } from '../gpu/tensor';
import { plantTree, type Storing } from '../gpu/weight_tree';
import type { Timesteps } from '../kernels/timesteps';
import { decodeModel, wholePass } from '../pipeline/decode_passes';
import { storedFor } from '../pipeline/int8_source';
import { UMT5_XXL } from '../text/config';
import { textBlock, textBlockWeights } from '../text/encoder';
import { WAN22_VAE } from '../vae/config';
import { gridOf, latentFrames, PROMPT_TOKENS, type Preset, tokensOf } from './presets';

/** Kinds of work that run at rates of their own. Attention is self-attention; the short cross-attention counts as linear. */
export type WorkKind = 'text' | 'linear' | 'attention' | 'conv';

export const WORK_KINDS: readonly WorkKind[] = ['linear', 'attention', 'text', 'conv'];

/** `flops` are those of the model, and what is computed is more: tiles that stick out of a matrix, and borders. */
export interface Effort extends Cost {
  readonly computedFlops: number;
  /** Of the weights that its products and convolutions go through, each as often as it is gone through. */
  readonly weightBytes: number;
}

export type Work = Readonly<Record<WorkKind, Effort>>;

/** Dispatches by kernel. */
export type Calls = ReadonlyMap<string, number>;

export interface StageWork {
  readonly encode: Work;
  /** One guided step: both branches through all blocks. */
  readonly step: Work;
  /** One of the transformer's blocks, with both branches. */
  readonly block: Work;
  readonly decode: Work;
  readonly calls: { readonly encode: Calls; readonly step: Calls; readonly decode: Calls };
  /** GPU memory with two blocks of a network's weights there, and the largest buffer. */
  readonly memory: { readonly stages: StageMemory; readonly largest: number };
}

const NOTHING: Effort = { flops: flops(0), bytes: bytes(0), computedFlops: 0, weightBytes: 0 };

/** Kernels whose second binding is a weight. */
const WEIGHTED = ['matmul', 'matmul_int8', 'conv'];
const NONE: Work = { text: NOTHING, linear: NOTHING, attention: NOTHING, conv: NOTHING };

export function effortOf(commands: readonly Command[]): Effort {
  const dispatches = commands.filter((command) => command.kind === 'dispatch');
  return {
    ...sum(dispatches.map(({ cost }) => cost)),
    computedFlops: dispatches.reduce((total, { cost, computedFlops = cost.flops }) => total + computedFlops, 0),
    weightBytes: dispatches.reduce(
      (total, { shader, bindings }) => total + (WEIGHTED.includes(shader.name) ? tensorBytes(bindings[2]!) : 0),
      0,
    ),
  };
}

function together(efforts: readonly Effort[]): Effort {
  return {
    ...sum(efforts),
    computedFlops: efforts.reduce((total, { computedFlops }) => total + computedFlops, 0),
    weightBytes: efforts.reduce((total, { weightBytes }) => total + weightBytes, 0),
  };
}

const times = (effort: Effort, count: number): Effort => ({
  flops: flops(effort.flops * count),
  bytes: bytes(effort.bytes * count),
  computedFlops: effort.computedFlops * count,
  weightBytes: effort.weightBytes * count,
});

/** Of programs, each with how often it runs. */
function callsOf(...programs: readonly (readonly [Program, number])[]): Calls {
  const calls = new Map<string, number>();
  for (const [{ commands }, runs] of programs)
    for (const command of commands)
      if (command.kind === 'dispatch') calls.set(command.shader.name, (calls.get(command.shader.name) ?? 0) + runs);
  return calls;
}

/** Recorded once for each clip and device: plans, choices and results all ask. */
const known = new Map<string, StageWork>();

export function stageWork(clip: Preset, settings: RecorderOptions): StageWork {
  if (settings.tuning) return recordWork(clip, settings);
  const name = `${clip.id} ${JSON.stringify(settings)}`;
  const work = known.get(name) ?? recordWork(clip, settings);
  known.set(name, work);
  return work;
}

function recordWork(clip: Preset, settings: RecorderOptions): StageWork {
  const text = textProgram(settings);
  const { prompts, begin, block, end } = ditPrograms(clip, settings);
  const { chunks, coder } = decodePrograms(clip, settings);
  const blocks = blockWork(block.program);
  const edges = effortOf([...begin.commands, ...end.commands]);
  const step = [begin, block.program, end];
  const largest = Math.max(...[[text.program], step, chunks].map((programs) => programsBytes(programs).largest));
  const chunk = ({ commands }: Program) => effortOf(commands);
  return {
    encode: {
      ...NONE,
      text: times(effortOf(text.program.commands), UMT5_XXL.num_layers),
      linear: effortOf(prompts.commands),
    },
    step: {
      ...NONE,
      linear: together([times(blocks.linear, WAN22_5B.num_layers), edges]),
      attention: times(blocks.attention, WAN22_5B.num_layers),
    },
    block: blocks,
    decode: {
      ...NONE,
      conv: together([chunk(chunks[0]!), times(chunk(chunks.at(-1)!), latentFrames(clip) - 1)]),
    },
    calls: {
      encode: callsOf([text.program, UMT5_XXL.num_layers], [prompts, 1]),
      step: callsOf([begin, 1], [block.program, WAN22_5B.num_layers], [end, 1]),
      decode: callsOf([chunks[0]!, 1], [chunks.at(-1)!, latentFrames(clip) - 1]),
    },
    memory: {
      stages: {
        encode: partsOf([text.program], [...text.weights], 2),
        image: null,
        denoise: partsOf(step, [...block.weights.values()], 2),
        decode: partsOf(chunks, coder, 1),
      },
      largest,
    },
  };
}

/** Is this dispatch self-attention, whose work grows with the square of the tokens? */
export function isSelfAttention(kernel: string, label: string): boolean {
  return kernel.startsWith('attention') && label === 'self_attn';
}

function blockWork({ commands }: Program): Work {
  const isAttention = (command: Command) =>
    command.kind === 'dispatch' && isSelfAttention(command.shader.name, command.label);
  return {
    ...NONE,
    linear: effortOf(commands.filter((command) => !isAttention(command))),
    attention: effortOf(commands.filter(isAttention)),
  };
}

/** What programs take that read some of these weights, of which there are so many sets. */
function partsOf(programs: readonly Program[], tensors: readonly Tensor[], sets: number): MemoryParts {
  const touched = externalsOf(programs);
  const read = new Set(tensors.map(({ storage }) => storage).filter((storage) => touched.has(storage)));
  const weights = [...read].reduce((sum, storage) => sum + storage.bytes, 0);
  return { weights: sets * weights, slots: 0, activations: programsBytes(programs).total - weights };
}

function textProgram(settings: RecorderOptions) {
  const { tree, tensors } = plantTree((ask) => textBlockWeights(ask, UMT5_XXL, 0), { typeOf: () => 'bf16' });
  const rows = PROMPT_TOKENS.reduce<number>((total, count) => total + count, 0);
  let start = 0;
  const prompts = PROMPT_TOKENS.map((length) => {
    start += length;
    return { start: start - length, length, buckets: externalTensor('buckets', [2 * length - 1], 'u32') };
  });
  const { program } = record('text block', { ...settings, activation: 'f32' }, (r) =>
    textBlock(r, UMT5_XXL, tree, externalTensor('x', [rows, UMT5_XXL.dim], 'f32'), prompts),
  );
  return { program, weights: tensors.values() };
}

/** Of the first chunk, and of every later one. */
function decodePrograms(clip: Preset, settings: RecorderOptions) {
  const model = decodeModel({ typeOf: () => 'bf16' }, WAN22_VAE, settings, true);
  const shape = [WAN22_VAE.z_dim, latentFrames(clip), clip.height / 16, clip.width / 16];
  const chunks = wholePass(model, externalTensor('latents', shape, 'f32')).main;
  const { tensors, jobs } = model.coder;
  return { chunks, coder: [...tensors.values(), ...jobs.map(({ packed }) => packed)] };
}

const blockStoring = ({ products }: RecorderOptions): Storing => storedFor({ typeOf: () => 'bf16' }, products);

/** One block of the transformer with the tokens of a clip, both guidance branches, and all that it reads, without memory. */
export function recordBlock(clip: Preset, settings: RecorderOptions, storing: Storing = blockStoring(settings)) {
  const { dim, num_heads, text_len } = WAN22_5B;
  const grid = gridOf(clip);
  const tokens = tokensOf(clip);
  const { tree, tensors: weights } = plantTree((ask) => ditBlockWeights(ask, WAN22_5B, 0), storing);
  const x = externalTensor('x', [PROMPT_TOKENS.length * tokens, dim], 'f32');
  const vectors = externalTensor('timestep', [1, 6, dim], 'f32');
  const positions = Math.max(grid.frames, grid.height, grid.width);
  const table = externalTensor('rotary', [positions, dim / num_heads / 2, 2], 'f32');
  const keys = PROMPT_TOKENS.map((count) => ({
    key: externalTensor('key', [count + 1, dim], settings.activation),
    value: externalTensor('value', [count + 1, dim], settings.activation),
    lastKeyCount: text_len - count,
  }));
  const { program } = record('block', settings, (r) =>
    ditBlock(r, WAN22_5B, tree, x, { vectors, tokens, split: tokens }, { ...grid, table }, keys),
  );
  const inputs = [x, vectors, table, ...keys.flatMap(({ key, value }) => [key, value])];
  return { program, weights, x, inputs };
}

function ditPrograms(clip: Preset, settings: RecorderOptions) {
  const { dim, in_dim, out_dim } = WAN22_5B;
  const { frames, height, width } = gridOf(clip);
  const tokens = tokensOf(clip);
  const branches = PROMPT_TOKENS.length;
  const block = recordBlock(clip, settings);
  const { tree: weights } = plantTree((ask) => ditBlockWeights(ask, WAN22_5B, 0), blockStoring(settings));
  const { tree: edge } = plantTree((ask) => ditEdgeWeights(ask, WAN22_5B), { typeOf: () => 'bf16' });
  const latents = (channels: number) => externalTensor('latents', [channels, frames, height * 2, width * 2], 'f32');
  const headTimesteps: Timesteps = { vectors: externalTensor('timestep', [1, 1, dim], 'f32'), tokens, split: tokens };
  const velocities = PROMPT_TOKENS.map(() => latents(out_dim));
  return {
    prompts: record('prompts', settings, (r) => {
      const contexts = PROMPT_TOKENS.map((count) =>
        textEmbedding(r, edge, externalTensor('embeddings', [count + 1, WAN22_5B.text_dim], 'f32')),
      );
      for (let layer = 0; layer < WAN22_5B.num_layers; layer++)
        for (const context of contexts) crossKeys(r, WAN22_5B, weights, context, 1);
    }).program,
    begin: record('begin', settings, (r) => ditBegin(r, edge, latents(in_dim), block.x, branches)).program,
    block,
    end: record('end', settings, (r) => ditEnd(r, WAN22_5B, edge, block.x, headTimesteps, velocities)).program,
  };
}
