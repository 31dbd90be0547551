/** Prompts as token ids → their embeddings, all prompts in one pass over the encoder's weights. */
import { AppError } from '../core/errors';
import { type BoundGroup, bindTogether, type GpuContext, runOnce } from '../gpu/context';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import { distanceBuckets } from '../kernels/distance_bias';
import { gather } from '../kernels/gather';
import type { TextConfig } from '../text/config';
import { type ComputeOptions, recorderOptions } from './options';
import { besidesTextWeights, recordTextEncoder } from './text_programs';
import { type PlacedWeights, placeWeights } from './weight_placement';
import type { WeightSource } from './weight_source';

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
  const { tileBytes, signal, tap, onBlock, onRun = () => {} } = options;
  for (const ids of prompts) checkIds(ids, config);
  const { memory, pipelines, runner } = context;
  const lengths = prompts.map(({ length }) => length);
  const recorded = recordTextEncoder(recorderOptions(context, 'f32'), source, config, lengths, tileBytes);
  const { x, buckets, embeddings, starts, planted, programs } = recorded;
  const own = [x, ...buckets];
  const rows = new Array<number>(x.shape[0]!).fill(0);
  prompts.forEach((ids, i) => rows.splice(starts[i]!, ids.length, ...ids));
  const besidesBytes = memory.bytes + besidesTextWeights(recorded, config, new Set(rows).size);
  let weights: PlacedWeights | undefined;
  let bound: BoundGroup | undefined;
  try {
    pipelines.begin(programs);
    await memory.allocate([...own, ...embeddings]);
    prompts.forEach(({ length }, i) =>
      writeNumbers(memory, buckets[i]!, distanceBuckets(length, config.num_buckets, config.max_distance)),
    );
    // Every weight is read once, so none is worth keeping: all pass through.
    weights = await placeWeights(context, source, planted, [], [programs], besidesBytes, options);
    const stream = weights.streamFor(programs);
    stream.begin({ signal });
    const group = (bound = await bindTogether(context, programs, signal));
    await embedTokens(context, source, config, rows, x, signal);
    let told = 0;
    const run = async (from: number, to: number) => {
      const onPrograms = (done: number) => {
        const blocks = Math.min(from + done, config.num_layers);
        if (blocks > told) onBlock?.((told = blocks), config.num_layers);
      };
      onRun(await runner.run(group.programs.slice(from, to), { signal, feed: stream, onPrograms }));
    };
    let begin = 0;
    for (; tap && begin < config.num_layers; begin++) {
      await run(begin, begin + 1);
      tap(`block${begin}`, (await readNumbers(memory, x)).subarray(0, prompts[0]!.length * config.dim));
    }
    await run(begin, programs.length);
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
