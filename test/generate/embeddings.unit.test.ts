import { describe, expect, test } from 'vitest';
import { keepEmbeddings } from '../../src/generate/embeddings';
import { keyValues } from '../support/key_values';

const WIDTH = 4;
const embeddingsOf = (ids: readonly number[]) =>
  Float32Array.from({ length: ids.length * WIDTH }, (_, i) => ids[Math.floor(i / WIDTH)]! + i / 8);

describe('kept embeddings', () => {
  test('come back for the same tokens of the same encoder, and for no others', async () => {
    const store = keyValues();
    const kept = keepEmbeddings(store, 'encoder a', WIDTH);
    await kept.set([3, 1, 4], embeddingsOf([3, 1, 4]));
    expect(await kept.get([3, 1, 4])).toEqual(embeddingsOf([3, 1, 4]));
    for (const others of [[3, 1], [3, 1, 4, 1], [1, 3, 4], []]) expect(await kept.get(others)).toBeNull();
    expect(await keepEmbeddings(store, 'encoder b', WIDTH).get([3, 1, 4])).toBeNull();
  });

  test('are the sixteen last used', async () => {
    const values = new Map<string, unknown>();
    const kept = keepEmbeddings(
      { get: async (key) => values.get(key), set: async (key, value) => void values.set(key, value) },
      'encoder',
      WIDTH,
    );
    const prompts = Array.from({ length: 20 }, (_, i) => [i, 1]);
    for (const [i, ids] of prompts.entries()) {
      await kept.set(ids, embeddingsOf(ids));
      await kept.get(prompts[0]!); // used all the time, so it stays
      expect(await kept.get(ids), String(i)).not.toBeNull();
    }
    const found: number[] = [];
    for (const ids of prompts) if (await kept.get(ids)) found.push(ids[0]!);
    expect(found).toEqual([0, ...Array.from({ length: 15 }, (_, i) => i + 5)]);
    expect(values.size).toBe(17); // and the list of them
  });

  test('written twice take one place', async () => {
    const store = keyValues();
    const kept = keepEmbeddings(store, 'encoder', WIDTH);
    for (let i = 0; i < 3; i++) await kept.set([7], embeddingsOf([7]));
    expect(await store.get('embeddings')).toHaveLength(1);
  });

  test('asked for and written at once, as those of a prompt and its negative one are, are all kept', async () => {
    const store = keyValues();
    const later = () => new Promise((resolve) => setTimeout(resolve, 2)); // IndexedDB does not answer at once
    const kept = keepEmbeddings(
      {
        get: (key) => later().then(() => store.get(key)),
        set: (key, value) => later().then(() => store.set(key, value)),
      },
      'encoder',
      WIDTH,
    );
    const prompts = [[1], [2, 1], [3, 1]];
    await Promise.all(prompts.map((ids) => kept.set(ids, embeddingsOf(ids))));
    expect(await Promise.all(prompts.map((ids) => kept.get(ids)))).toEqual(prompts.map(embeddingsOf));
  });

  test('are refused when they are no numbers, or not as many as they should be', async () => {
    const kept = keepEmbeddings(keyValues(), 'encoder', WIDTH);
    await expect(kept.set([1], Float32Array.of(1, 2, Number.NaN, 4))).rejects.toMatchObject({ code: 'not-finite' });
    await expect(kept.set([1], Float32Array.of(1, 2))).rejects.toThrow('have 4 values here, not 2');
    expect(await kept.get([1])).toBeNull();
  });

  test.for<[name: string, key: string, change: (value: unknown) => unknown]>([
    ['no list', 'embeddings', () => 'x'],
    ['a list of other things', 'embeddings', () => [{ key: 1 }]],
    ['a place that is none', 'embeddings', (list) => (list as object[]).map((entry) => ({ ...entry, place: 99 }))],
    ['nothing in the place', 'embeddings 0', () => undefined],
    ['another key in the place', 'embeddings 0', (value) => ({ ...(value as object), key: 'y' })],
    ['other values', 'embeddings 0', (value) => ({ ...(value as object), values: [1, 2, 3, 4] })],
    ['too few values', 'embeddings 0', (value) => ({ ...(value as object), values: Float32Array.of(1) })],
    ['NaN', 'embeddings 0', (value) => ({ ...(value as object), values: new Float32Array(4).fill(Number.NaN) })],
  ])('with %s in the store are as if they were not there, and can be kept anew', async ([, key, change]) => {
    const store = keyValues();
    const kept = keepEmbeddings(store, 'encoder', WIDTH);
    await kept.set([7], embeddingsOf([7]));
    expect(await kept.get([7])).not.toBeNull();
    await store.set(key, change(await store.get(key)));
    expect(await kept.get([7])).toBeNull();
    await kept.set([7], embeddingsOf([7]));
    expect(await kept.get([7])).toEqual(embeddingsOf([7]));
  });
});
