/** What the schemas of files are made of: each object is tied to its TypeScript type, so that neither can change alone. */
import * as v from 'valibot';

/** One schema for each field of the type: none missing, none more. */
export type Entries<T> = { readonly [Field in keyof T]-?: v.GenericSchema<unknown, T[Field]> };

/** Fields it does not know stay as they are: they survive being opened and saved again, and nothing here reads them. */
export const object = <T>(entries: Entries<T>): v.GenericSchema<unknown, T> =>
  v.looseObject(entries as v.ObjectEntries) as unknown as v.GenericSchema<unknown, T>;

/** One of the type's words; `true` beside each makes the compiler count them. */
export const choice = <T extends string>(words: Readonly<Record<T, true>>): v.GenericSchema<unknown, T> =>
  v.picklist(Object.keys(words) as T[]);

/** Its length is looked at first: what is too long costs no more than that. */
export const list = <T>(item: v.GenericSchema<unknown, T>, most: number): v.GenericSchema<unknown, readonly T[]> =>
  v.pipe(v.array(v.unknown()), v.maxLength(most), v.array(item));

export const orNull = <T>(schema: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, T | null> =>
  v.nullable(schema);

/** Far beyond all that is measured, and so far from the largest number that products and ratios of amounts stay finite. */
const [LEAST, MOST] = [1e-100, 1e100];
/** Seconds, bytes, counts, rates: never negative, never infinite. */
export const amount = v.pipe(
  v.number(),
  v.finite(),
  v.minValue(0),
  v.maxValue(MOST),
  v.check((value) => value === 0 || value >= LEAST, `>=${LEAST}`),
);
/** What a program read off a card: some write −1 where they could not. */
export const reading = v.pipe(v.number(), v.finite(), v.minValue(-MOST), v.maxValue(MOST));
export const text = v.pipe(v.string(), v.maxLength(2000));
export const LONGEST_NAME = 120;
export const name = v.pipe(v.string(), v.maxLength(LONGEST_NAME));
export const time = v.pipe(v.string(), v.isoTimestamp());
export const flag = v.boolean();
