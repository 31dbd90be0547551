import type { KeyValueStore } from '../../src/generate/embeddings';

/** In memory, as a browser keeps it in IndexedDB. */
export function keyValues(): KeyValueStore {
  const values = new Map<string, unknown>();
  return { get: async (key) => values.get(key), set: async (key, value) => void values.set(key, value) };
}
