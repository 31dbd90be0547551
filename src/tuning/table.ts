/**
 * The table that tuning makes: for each listed shape the tuning that was fastest here. Plain data, kept and exported as
 * JSON; the schema is what every table from a file or a store is held to.
 */
import * as v from 'valibot';
import { checked } from '../core/checked';
import type { RecorderOptions } from '../gpu/program';
import type { TunedAttention } from '../kernels/attention';
import type { Tuning } from '../kernels/kernel';
import type { TiledProduct } from '../kernels/tile';
import { WEIGHT_FORMATS, type WeightType } from '../weights/weight_types';
import { candidatesOf } from './record_case';

const MOST_ENTRIES = 500;
/** Far more than any that is made has; of fifty times as many JSON.parse takes seconds. */
export const MOST_TABLE_CHARACTERS = 2 ** 20;

const MOST_CHARACTERS = 500;
const text = v.pipe(v.string(), v.maxLength(MOST_CHARACTERS));
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 31));
const float = v.picklist(['f32', 'f16']);
const tuning = v.pipe(
  v.record(text, v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4096))),
  v.maxEntries(16),
);
const product = v.object({
  rows: count,
  columns: count,
  depth: count,
  left: float,
  weight: v.picklist(Object.keys(WEIGHT_FORMATS) as WeightType[]),
});
const attention = v.object({
  batch: count,
  queries: count,
  keys: count,
  heads: count,
  head: count,
  type: float,
  biased: v.boolean(),
});
/** Over the default's time; 1 where the default is the choice. */
const share = v.pipe(v.number(), v.minValue(0.001), v.maxValue(1));

const entry = v.variant('kernel', [
  v.object({ kernel: v.picklist(['matmul', 'conv']), size: product, tuning, share }),
  v.object({ kernel: v.literal('attention'), size: attention, tuning, share }),
]);

const key = v.object({
  adapter: text,
  vendor: text,
  architecture: text,
  /** Its own name, which browsers keep to themselves; what some adapters call themselves is their driver's version. */
  device: text,
  driver: text,
  backend: text,
  /** SHA-256 of the candidates' shaders: other kernels are tuned anew. */
  shaders: text,
});

const table = v.object({
  schema: v.literal('wanscope-tuning'),
  version: v.literal(1),
  key,
  made: v.pipe(v.string(), v.isoTimestamp()),
  entries: v.pipe(v.array(v.unknown()), v.maxLength(MOST_ENTRIES), v.array(entry)),
  /** Candidates that did not compile, failed or gave another result than the default, and how. */
  leftOut: v.pipe(v.array(v.object({ what: text, tuning, reason: text })), v.maxLength(MOST_ENTRIES)),
});

export type TableKey = v.InferOutput<typeof key>;
export type TuningEntry = v.InferOutput<typeof entry>;
export type TuningTable = v.InferOutput<typeof table>;

export type ReadTable =
  | { readonly ok: true; readonly table: TuningTable }
  | { readonly ok: false; readonly reason: string };

/** Made now. A compiler's complaint may be of any length, so what was left out is cut to what is read again. */
export function newTable(key: TableKey, entries: TuningEntry[], leftOut: TuningTable['leftOut']): TuningTable {
  return {
    schema: 'wanscope-tuning',
    version: 1,
    key,
    made: new Date().toISOString(),
    entries,
    leftOut: leftOut.slice(0, MOST_ENTRIES).map((each) => ({ ...each, reason: each.reason.slice(0, MOST_CHARACTERS) })),
  };
}

/** Any value, as from a file or a store. */
export function readTable(value: unknown): ReadTable {
  const read = checked(table, value);
  if (read.success) return { ok: true, table: read.output };
  const [{ message, path }] = read.issues;
  return { ok: false, reason: `${path?.map(({ key }) => key).join('.') ?? 'the whole'}: ${message}` };
}

/** The same from JSON. */
export function readTableText(text: string): ReadTable {
  if (text.length > MOST_TABLE_CHARACTERS)
    return { ok: false, reason: `it has ${text.length} characters, of ${MOST_TABLE_CHARACTERS} at most` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (failure) {
    return { ok: false, reason: `it is no JSON (${(failure as Error).message})` };
  }
  return readTable(value);
}

/**
 * What the kernels of a device ask: of the entries with like operands the nearest, where the tuning is still one that
 * the kernel offers there. Undefined, for the kernel's default, where there is none.
 */
export function choicesOf({ entries }: TuningTable, options: RecorderOptions): NonNullable<RecorderOptions['tuning']> {
  return (kernel, size) => {
    const asked = size as TiledProduct | TunedAttention;
    const near = nearest(
      entries.filter((each) => each.kernel === kernel),
      asked,
    );
    if (!near) return undefined;
    return candidatesOf(options, kernel, asked).find((candidate) => sameTuning(candidate, near.tuning));
  };
}

export const sameTuning = (one: Tuning, other: Tuning): boolean => {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
};

function nearest(entries: readonly TuningEntry[], size: TiledProduct | TunedAttention): TuningEntry | undefined {
  let found: { readonly entry: TuningEntry; readonly distance: number } | undefined;
  for (const entry of entries) {
    const distance = distanceOf(entry.size, size);
    if (distance !== null && distance < (found?.distance ?? Number.POSITIVE_INFINITY)) found = { entry, distance };
  }
  return found?.entry;
}

/**
 * By rows first, on a logarithmic scale, since they say how many tiles there are and how full; by columns half as much;
 * by depth, which matters where it may be cut, a quarter. Null where the operands are of other kinds.
 */
export function distanceOf(listed: TuningEntry['size'], asked: TiledProduct | TunedAttention): number | null {
  const apart = (one: number, other: number) => Math.abs(Math.log(one / other));
  if ('queries' in listed)
    return 'queries' in asked && listed.type === asked.type && listed.biased === asked.biased
      ? apart(listed.queries, asked.queries) + apart(listed.keys, asked.keys) / 2 + apart(listed.head, asked.head)
      : null;
  return 'rows' in asked && listed.left === asked.left && kindOf(listed.weight) === kindOf(asked.weight)
    ? apart(listed.rows, asked.rows) + apart(listed.columns, asked.columns) / 2 + apart(listed.depth, asked.depth) / 4
    : null;
}

/** Weights are alike in what it costs to fetch and to decode them. */
function kindOf(weight: TiledProduct['weight']): 'halves' | 'floats' | 'packed' {
  if (weight === 'bf16' || weight === 'f16') return 'halves';
  return weight === 'f32' || weight === 'u32' ? 'floats' : 'packed';
}
