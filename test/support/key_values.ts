import type { RunStore } from '../../workers/kept_runs';

/** In memory, as a browser keeps it in IndexedDB. */
export function keyValues(): RunStore {
  const values = new Map<string, unknown>();
  return {
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
    keys: async () => [...values.keys()],
  };
}
