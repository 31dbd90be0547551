/** Values by strangers against a schema. */
import * as v from 'valibot';

/** Ends at the first thing that is wrong: a list of a million wrong values would make a report of each, in gigabytes. */
export const checked = <T>(schema: v.GenericSchema<unknown, T>, value: unknown) =>
  v.safeParse(schema, value, { abortEarly: true });
