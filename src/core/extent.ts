/** The least and the most of a list, one by one: a stranger's may be longer than a call takes arguments. Of none: ∞ and −∞. */
export function extent(values: readonly number[]): { readonly min: number; readonly max: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { min, max };
}
