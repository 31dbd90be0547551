/** By its key, of several of one key the first. */
export function firstBy<T>(list: readonly T[], keyOf: (each: T) => string): Map<string, T> {
  const first = new Map<string, T>();
  for (const each of list) {
    const key = keyOf(each);
    if (!first.has(key)) first.set(key, each);
  }
  return first;
}
