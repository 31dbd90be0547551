/** Prompts as token ids → their embeddings, all prompts in one pass over the encoder's weights. */
import { AppError } from '../core/errors';
import { bindTogether, type GpuContext, runOnce } from '../gpu/context';
import { record } from '../gpu/program';
import { externalTensor, rowsOf, type Tensor } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import { plantTree } from '../gpu/weight_tree';
import { distanceBuckets } from '../kernels/distance_bias';
import { gather } from '../kernels/gather';
import type { TextConfig } from '../text/config';
import { textBlock, textBlockWeights, textEnd, textNormWeight } from '../text/encoder';
import { allocateBlocks } from './block_weights';
import { type ComputeOptions, recorderOptions } from './options';
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
  const { signal, tap, onBlock, onRun = () => {} } = options;
  for (const ids of prompts) checkIds(ids, config);
  const { memory, runner } = context;
  const settings = recorderOptions(context, 'f32'); // half precision overflows in this network
  const rows = layOut(prompts);
  const x = externalTensor('text x', [rows.total, config.dim], 'f32');
  const buckets = prompts.map(({ length }) => externalTensor('text buckets', [2 * length - 1], 'u32'));
  const embeddings = prompts.map(({ length }) => externalTensor('embeddings', [length, config.dim], 'f32'));
  const end = plantTree((ask) => textNormWeight(ask, config), source.typeOf);
  const own = [x, ...buckets, ...end.tensors.values()];
  await memory.allocate([...own, ...embeddings]);
  prompts.forEach(({ length }, i) =>
    writeNumbers(memory, buckets[i]!, distanceBuckets(length, config.num_buckets, config.max_distance)),
  );

  const blocks = await allocateBlocks(context, source, config.num_layers, options, (ask, block) =>
    textBlockWeights(ask, config, block),
  );
  const placed = prompts.map(({ length }, i) => ({ start: rows.starts[i]!, length, buckets: buckets[i]! }));
  const programs = Array.from(
    { length: config.num_layers },
    (_, block) =>
      record(`text block ${block}`, settings, (r) => textBlock(r, config, blocks.treeOf(block), x, placed)).program,
  );
  const last = record('text end', settings, (r) => {
    const result = textEnd(r, end.tree, x);
    placed.forEach(({ start, length }, i) => r.copy('embeddings', rowsOf(result, start, length), embeddings[i]!));
  }).program;
  const bound = await bindTogether(context, [...programs, last]);
  try {
    await embedTokens(context, source, config, rows.ids, x);
    await source.fill(end.tensors, { signal });
    for (let block = 0; block < config.num_layers; block++) {
      await blocks.fill(block);
      onRun(await runner.run([bound.programs[block]!], { signal }));
      onBlock?.(block + 1, config.num_layers);
      if (tap) tap(`block${block}`, (await readNumbers(memory, x)).subarray(0, prompts[0]!.length * config.dim));
    }
    onRun(await runner.run([bound.programs.at(-1)!], { signal }));
    return embeddings;
  } catch (failure) {
    memory.free(embeddings);
    throw failure;
  } finally {
    bound.destroy();
    blocks.destroy();
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
): Promise<void> {
  const name = 'token_embedding.weight';
  const shape = [config.vocab, config.dim];
  const unique = [...new Set(ids)];
  const place = new Map(unique.map((id, row) => [id, row]));
  const table = externalTensor(name, [unique.length, config.dim], source.typeOf({ name, shape }));
  const index = externalTensor('token rows', [ids.length], 'u32');
  await context.memory.allocate([table, index]);
  try {
    await source.rows(name, shape, unique, table);
    writeNumbers(
      context.memory,
      index,
      ids.map((id) => place.get(id)!),
    );
    await runOnce(context, 'token embedding', recorderOptions(context, 'f32'), (r) =>
      gather(r, index, table, { label: 'token_embedding', into: x }),
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
