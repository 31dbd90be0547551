/**
 * Keeps the embeddings of the last prompts, so that the same prompt needs no
 * text encoder again: 11 GB of weights that are not read.
 *
 * Kept in anything that gives back by a key what was put there: a Map, or
 * IndexedDB. A few numbered places are written in turn, the least used first,
 * and one list says what is in them.
 */
import { createSHA256 } from 'hash-wasm';
import * as v from 'valibot';
import { AppError } from '../core/errors';
import type { EmbeddingStore } from '../pipeline/clip';

export interface KeyValueStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

/** 512 tokens of UMT5-XXL take 8 MiB. */
const PLACES = 16;

const INDEX = 'embeddings';
const placeKey = (place: number) => `embeddings ${place}`;

const place = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(PLACES - 1));
/** Last used first. */
const index = v.array(v.object({ key: v.string(), place }));
const kept = v.object({ key: v.string(), values: v.instance(Float32Array) });

/**
 * `encoder`: the fingerprint of the text encoder, `width` that of its embeddings. What does not come back as it was put
 * is as if it were not there. `set` throws not-finite rather than keep what is no number.
 */
export function keepEmbeddings(store: KeyValueStore, encoder: string, width: number): EmbeddingStore {
  const readIndex = async () => {
    const found = v.safeParse(index, await store.get(INDEX));
    return found.success ? found.output : [];
  };
  const used = async (entry: v.InferOutput<typeof index>[number]) => {
    const others = (await readIndex()).filter(({ key, place }) => key !== entry.key && place !== entry.place);
    await store.set(INDEX, [entry, ...others].slice(0, PLACES));
  };

  let last: Promise<unknown> = Promise.resolve();
  /** One after another: two at once would take the same place, and lose each other's entry. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };

  async function get(ids: readonly number[]): Promise<Float32Array | null> {
    const key = await keyOf(encoder, ids);
    const entry = (await readIndex()).find((candidate) => candidate.key === key);
    if (!entry) return null;
    const found = v.safeParse(kept, await store.get(placeKey(entry.place)));
    if (!found.success || found.output.key !== key) return null;
    const { values } = found.output;
    if (values.length !== ids.length * width || !values.every(Number.isFinite)) return null;
    await used(entry);
    return values;
  }

  async function set(ids: readonly number[], values: Float32Array): Promise<void> {
    if (values.length !== ids.length * width)
      throw new AppError(
        'shape-mismatch',
        `Embeddings of ${ids.length} tokens have ${ids.length * width} values here, not ${values.length}.`,
      );
    if (!values.every(Number.isFinite))
      throw new AppError('not-finite', `Embeddings of ${ids.length} tokens hold values that are not numbers.`);
    const key = await keyOf(encoder, ids);
    const entries = await readIndex();
    const taken = new Set(entries.map((entry) => entry.place));
    const free = Array.from({ length: PLACES }, (_, i) => i).find((i) => !taken.has(i));
    const own = entries.find((entry) => entry.key === key);
    const into = own?.place ?? free ?? entries.at(-1)!.place;
    await store.set(placeKey(into), { key, values });
    await used({ key, place: into });
  }

  return { get: (ids) => inTurn(() => get(ids)), set: (ids, values) => inTurn(() => set(ids, values)) };
}

async function keyOf(encoder: string, ids: readonly number[]): Promise<string> {
  const hash = await createSHA256();
  hash.update(new Uint8Array(Uint32Array.from(ids).buffer));
  return `${encoder} ${hash.digest('hex')}`;
}
