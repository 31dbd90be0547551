/** Prompts as token ids → their embeddings, all prompts in one pass over the encoder's weights. */
import { AppError } from '../core/errors';
import { type BoundGroup, bindTogether, type GpuContext, runOnce } from '../gpu/context';
import { record } from '../gpu/program';
import { sharedScratchBytes } from '../gpu/scratch';
import { ELEMENT_BYTES, externalTensor, rowsOf, type Tensor, tensorBytes } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import { plantTiles } from '../gpu/weight_tree';
import { distanceBuckets } from '../kernels/distance_bias';
import { gather } from '../kernels/gather';
import type { TextConfig } from '../text/config';
import { textBlock, textBlockWeights, textEnd, textNormWeight } from '../text/encoder';
import { type ComputeOptions, recorderOptions } from './options';
import { type PlacedWeights, placeWeights } from './weight_placement';
import { TILE_BYTES } from './weight_plan';
import type { WeightSource } from './weight_source';

/** Prompts start on multiples of this many rows, so that their rows can be bound on their own. */
const ROW_ALIGNMENT = 8;

/** One (tokens, dim) f32 tensor for each prompt. The caller frees them. */
export async function encodePrompts(
  context: GpuContext,
  source: WeightSource,
  config: TextConfig,
  prompts: readonly (readonly number[])[],
  options: ComputeOptions,
): Promise<Tensor[]> {
  if (options.savings || prompts.length === 1) return encodeTogether(context, source, config, prompts, options);
  const separate: Tensor[] = [];
  for (const prompt of prompts) separate.push(...(await encodeTogether(context, source, config, [prompt], options)));
  return separate;
}

async function encodeTogether(
  context: GpuContext,
  source: WeightSource,
  config: TextConfig,
  prompts: readonly (readonly number[])[],
  options: ComputeOptions,
): Promise<Tensor[]> {
  const { tileBytes = TILE_BYTES, signal, tap, onBlock, onRun = () => {} } = options;
  for (const ids of prompts) checkIds(ids, config);
  const { memory, runner } = context;
  const settings = recorderOptions(context, 'f32'); // half precision overflows in this network
  const rows = layOut(prompts);
  const x = externalTensor('text x', [rows.total, config.dim], 'f32');
  const buckets = prompts.map(({ length }) => externalTensor('text buckets', [2 * length - 1], 'u32'));
  const embeddings = prompts.map(({ length }) => externalTensor('embeddings', [length, config.dim], 'f32'));
  const end = plantTiles((ask) => textNormWeight(ask, config), source, tileBytes);
  const blocks = Array.from({ length: config.num_layers }, (_, block) =>
    plantTiles((ask) => textBlockWeights(ask, config, block), source, tileBytes),
  );
  const own = [x, ...buckets];
  const placed = prompts.map(({ length }, i) => ({ start: rows.starts[i]!, length, buckets: buckets[i]! }));
  const programs = Array.from(
    { length: config.num_layers },
    (_, block) =>
      record(`text block ${block}`, settings, (r) => textBlock(r, config, blocks[block]!.tree, x, placed)).program,
  );
  const last = record('text end', settings, (r) => {
    const result = textEnd(r, end.tree, x);
    placed.forEach(({ start, length }, i) => r.copy('embeddings', rowsOf(result, start, length), embeddings[i]!));
  }).program;
  const all = [...programs, last];
  const unique = new Set(rows.ids).size;
  const besidesBytes =
    memory.bytes +
    [...own, ...embeddings].reduce((sum, tensor) => sum + tensorBytes(tensor), 0) +
    sharedScratchBytes(all) +
    unique * config.dim * ELEMENT_BYTES.f32; // the rows of the table, for a moment
  const planted = {
    tensors: new Map([end, ...blocks].flatMap(({ tensors }) => [...tensors])),
    tiles: blocks.flatMap(({ tiles }) => tiles),
  };
  let weights: PlacedWeights | undefined;
  let bound: BoundGroup | undefined;
  try {
    await memory.allocate([...own, ...embeddings]);
    prompts.forEach(({ length }, i) =>
      writeNumbers(memory, buckets[i]!, distanceBuckets(length, config.num_buckets, config.max_distance)),
    );
    // Every weight is read once, so none is worth keeping: all pass through.
    weights = await placeWeights(context, source, planted, [], [all], besidesBytes, options);
    const stream = weights.streamFor(all);
    const group = (bound = await bindTogether(context, all, signal));
    await embedTokens(context, source, config, rows.ids, x, signal);
    stream.begin({ signal });
    const run = async (program: number) =>
      onRun(await runner.run([group.programs[program]!], { signal, feed: stream }));
    for (let block = 0; block < config.num_layers; block++) {
      await run(block);
      onBlock?.(block + 1, config.num_layers);
      if (tap) tap(`block${block}`, (await readNumbers(memory, x)).subarray(0, prompts[0]!.length * config.dim));
    }
    await run(config.num_layers);
    return embeddings;
  } catch (failure) {
    memory.free(embeddings);
    throw failure;
  } finally {
    bound?.destroy();
    weights?.destroy();
    memory.free(own);
  }
}

/** Rows of the embedding table for just these ids, never the table, then one row of x for each token. */
async function embedTokens(
  context: GpuContext,
  source: WeightSource,
  config: TextConfig,
  ids: readonly number[],
  x: Tensor,
  signal: AbortSignal | undefined,
): Promise<void> {
  const name = 'token_embedding.weight';
  const shape = [config.vocab, config.dim];
  const unique = [...new Set(ids)];
  const place = new Map(unique.map((id, row) => [id, row]));
  const table = externalTensor(name, [unique.length, config.dim], 'f32');
  const index = externalTensor('token rows', [ids.length], 'u32');
  await context.memory.allocate([table, index]);
  try {
    await source.rows(name, shape, unique, table, { signal });
    writeNumbers(
      context.memory,
      index,
      ids.map((id) => place.get(id)!),
    );
    await runOnce(
      context,
      'token embedding',
      recorderOptions(context, 'f32'),
      (r) => gather(r, index, table, { label: 'token_embedding', into: x }),
      { signal },
    );
  } finally {
    context.memory.free([table, index]);
  }
}

function layOut(prompts: readonly (readonly number[])[]) {
  const starts: number[] = [];
  const ids: number[] = [];
  for (const prompt of prompts) {
    starts.push(ids.length);
    ids.push(...prompt);
    while (ids.length % ROW_ALIGNMENT !== 0) ids.push(0); // rows nobody reads
  }
  return { starts, ids, total: ids.length };
}

function checkIds(ids: readonly number[], { vocab }: TextConfig): void {
  const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocab);
  if (ids.length === 0 || wrong !== undefined)
    throw new AppError(
      'input-invalid',
      ids.length === 0
        ? 'A prompt has no tokens; the end token at least is needed.'
        : `Token ${wrong} is not one of the ${vocab} of this vocabulary.`,
    );
}
