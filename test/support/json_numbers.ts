export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface Place {
  readonly path: string;
  readonly was: number;
  readonly set: (value: number) => void;
}

/** Where the numbers of a JSON value stand; of a list those of the first two entries. */
export function* numbersIn(holder: Json, path = ''): Generator<Place> {
  if (typeof holder !== 'object' || holder === null) return;
  const entries = holder as Record<string, Json>;
  for (const [key, value] of Object.entries(entries)) {
    if (Array.isArray(holder) && Number(key) > 1) return;
    const set = (other: number) => {
      entries[key] = other;
    };
    if (typeof value === 'number') yield { path: `${path}.${key}`, was: value, set };
    else yield* numbersIn(value, `${path}.${key}`);
  }
}
