/**
 * JSON in fewer characters, exactly the same when it comes back: for links.
 *
 *   names            words of the dictionary   'seconds' → '~4'
 *   lists of alikes  their columns             [{at: 1, b: 5}, {at: 2, b: 5}] → {'~R': {at: [1, 2], b: [5, 5]}}
 *   lists of times   whole steps from one to   [0.25, 0.5, 0.75] → {'~D': [2, 25, 25, 25]}, where 2 is the
 *                    the next                  number of decimals
 *
 * It says of itself what it is, so that a field that nobody knew of goes through like any other.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const ROWS = '~R';
const DELTAS = '~D';
/** Below 2^53 by far with these, and more than a clock has. */
const MOST_DECIMALS = 9;
/** As `readResult` has it; what a stranger's link nests deeper is not followed. */
const MOST_LEVELS = 40;

/** `dictionary`: words by their number. It may only grow at its end. */
export function compact(value: Json, dictionary: readonly string[]): Json {
  const codes = new Map(dictionary.map((word, index) => [word, `~${index.toString(36)}`]));
  // The dictionary's codes are in lower case, so that ours are none of them.
  const word = (text: string): string => codes.get(text) ?? (text.startsWith('~') ? `~${text}` : text);

  const shorten = (value: Json): Json => {
    if (typeof value === 'string') return word(value);
    if (typeof value !== 'object' || value === null) return value;
    if (!isList(value)) return objectOf(Object.entries(value).map(([key, each]) => [word(key), shorten(each)]));
    const columns = columnsOf(value);
    if (columns) return { [ROWS]: shorten(columns) };
    return deltasOf(value) ?? value.map(shorten);
  };
  return shorten(value);
}

/** The reverse. Throws an Error where the value cannot have come from `compact`. */
export function expand(value: Json, dictionary: readonly string[]): Json {
  const word = (text: string): string => {
    if (!text.startsWith('~')) return text;
    if (text.startsWith('~~')) return text.slice(1);
    const found = dictionary[Number.parseInt(text.slice(1), 36)];
    if (found === undefined) throw new Error(`The dictionary has no word ${text}.`);
    return found;
  };

  const restore = (value: Json, levels: number): Json => {
    if (levels === 0) throw new Error('It is nested too deep.');
    if (typeof value === 'string') return word(value);
    if (typeof value !== 'object' || value === null) return value;
    if (isList(value)) return value.map((each) => restore(each, levels - 1));
    if (Object.hasOwn(value, DELTAS)) return sumsOf(value[DELTAS]!);
    if (Object.hasOwn(value, ROWS)) return rowsOf(restore(value[ROWS]!, levels - 1));
    return objectOf(Object.entries(value).map(([key, each]) => [word(key), restore(each, levels - 1)]));
  };
  return restore(value, MOST_LEVELS);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Own fields whatever their names: a key such as `__proto__` stays a key. */
const objectOf = (entries: readonly (readonly [string, Json])[]): Json => Object.fromEntries(entries);

/** Of two objects or more with the same keys; null of any other list. */
function columnsOf(rows: readonly Json[]): Json | null {
  if (rows.length < 2) return null;
  const keys = keysOf(rows[0]!);
  if (!keys?.length || rows.some((row) => JSON.stringify(keysOf(row)) !== JSON.stringify(keys))) return null;
  return objectOf(keys.map((key) => [key, rows.map((row) => (row as { [key: string]: Json })[key]!)]));
}

const keysOf = (value: Json): string[] | null =>
  typeof value === 'object' && value !== null && !isList(value) ? Object.keys(value) : null;

function rowsOf(columns: Json): Json {
  const entries = Object.entries(columns as object) as [string, Json][];
  const first = entries[0]?.[1];
  if (!first || entries.some(([, column]) => !isList(column) || column.length !== (first as readonly Json[]).length))
    throw new Error('Its columns are not equally long.');
  return (first as readonly Json[]).map((_, row) =>
    objectOf(entries.map(([key, column]) => [key, (column as readonly Json[])[row]!])),
  );
}

/** Null where it would not be the same, or no shorter. */
function deltasOf(values: readonly Json[]): Json | null {
  if (values.length < 4 || !values.every((each) => typeof each === 'number')) return null;
  const decimals = Array.from({ length: MOST_DECIMALS + 1 }, (_, d) => d).find((d) =>
    values.every((each) => {
      const whole = Math.round(each * 10 ** d);
      return Number.isSafeInteger(whole) && whole / 10 ** d === each;
    }),
  );
  if (decimals === undefined) return null;
  const wholes = values.map((each) => Math.round(each * 10 ** decimals));
  const deltas = [decimals, ...wholes.map((each, i) => each - (wholes[i - 1] ?? 0))];
  return JSON.stringify(deltas).length < JSON.stringify(values).length ? { [DELTAS]: deltas } : null;
}

function sumsOf(deltas: Json): Json {
  if (!isList(deltas) || !deltas.every((each) => Number.isSafeInteger(each)))
    throw new Error('Its steps are no numbers.');
  const [decimals, ...steps] = deltas as readonly number[];
  if (decimals === undefined || decimals < 0 || decimals > MOST_DECIMALS)
    throw new Error('Its decimals are out of range.');
  let sum = 0;
  return steps.map((step) => (sum += step) / 10 ** decimals);
}
