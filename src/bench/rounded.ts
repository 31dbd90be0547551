/** A result's numbers with the digits that mean something, so that a link can hold it. */

const DIGITS = 6;

/** The same value with every number in it to six significant digits. */
export function rounded<T>(value: T): T {
  const round = (part: unknown): unknown => {
    if (typeof part === 'number') return Number.isFinite(part) ? Number(part.toPrecision(DIGITS)) : part;
    if (Array.isArray(part)) return part.map(round);
    if (part === null || typeof part !== 'object') return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, round(inner)]));
  };
  return round(value) as T;
}
