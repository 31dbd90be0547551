/**
 * The text encoder over prompts of these lengths, as data: its tensors, its weights as tiles, and the programs that read
 * them. Nothing here has memory yet, so the same recording gives a plan or a run (text_stage.ts).
 */
import { type RecorderOptions, record } from '../gpu/program';
import { sharedScratchBytes } from '../gpu/scratch';
import { ELEMENT_BYTES, externalTensor, rowsOf, tensorBytes } from '../gpu/tensor';
import { plantTiles, type Storing } from '../gpu/weight_tree';
import type { TextConfig } from '../text/config';
import { textBlock, textBlockWeights, textEnd, textNormWeight } from '../text/encoder';
import { TILE_BYTES } from './weight_plan';

/** Prompts start on multiples of this many rows, so that their rows can be bound on their own. */
const ROW_ALIGNMENT = 8;

export type RecordedTextEncoder = ReturnType<typeof recordTextEncoder>;

export function recordTextEncoder(
  recorder: RecorderOptions,
  storing: Storing,
  config: TextConfig,
  lengths: readonly number[],
  tileBytes = TILE_BYTES,
) {
  // Half precision overflows in this network, and products in 8 bits are the transformer's.
  const settings: RecorderOptions = { ...recorder, activation: 'f32', products: 'exact' };
  const starts: number[] = [];
  let rows = 0;
  for (const length of lengths) {
    starts.push(rows);
    rows += Math.ceil(length / ROW_ALIGNMENT) * ROW_ALIGNMENT;
  }
  const x = externalTensor('text x', [rows, config.dim], 'f32');
  const buckets = lengths.map((length) => externalTensor('text buckets', [2 * length - 1], 'u32'));
  const embeddings = lengths.map((length) => externalTensor('embeddings', [length, config.dim], 'f32'));
  const end = plantTiles((ask) => textNormWeight(ask, config), storing, tileBytes);
  const blocks = Array.from({ length: config.num_layers }, (_, block) =>
    plantTiles((ask) => textBlockWeights(ask, config, block), storing, tileBytes),
  );
  const placed = lengths.map((length, i) => ({ start: starts[i]!, length, buckets: buckets[i]! }));
  const programs = blocks.map(
    ({ tree }, block) => record(`text block ${block}`, settings, (r) => textBlock(r, config, tree, x, placed)).program,
  );
  const last = record('text end', settings, (r) => {
    const result = textEnd(r, end.tree, x);
    placed.forEach(({ start, length }, i) => r.copy('embeddings', rowsOf(result, start, length), embeddings[i]!));
  }).program;
  return {
    /** First row of each prompt; rows between prompts are read by nobody. */
    starts,
    x,
    buckets,
    embeddings,
    planted: {
      tensors: new Map([end, ...blocks].flatMap(({ tensors }) => [...tensors])),
      tiles: blocks.flatMap(({ tiles }) => tiles),
    },
    /** The blocks, and the end. */
    programs: [...programs, last],
  };
}

/** GPU memory that it takes beside its weights, `tokens` rows of the embedding table among it. */
export function besidesTextWeights(
  { x, buckets, embeddings, programs }: RecordedTextEncoder,
  { dim }: TextConfig,
  tokens: number,
): number {
  return (
    [x, ...buckets, ...embeddings].reduce((sum, tensor) => sum + tensorBytes(tensor), 0) +
    sharedScratchBytes(programs) +
    tokens * dim * ELEMENT_BYTES.f32 // for a moment
  );
}
