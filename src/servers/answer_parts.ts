/** What the schemas of servers' answers are made of: anybody can answer anything. */
import * as v from 'valibot';

/** Far above all that is measured, and so far below the largest number that products of amounts stay finite. */
const MOST = 1e100;

/** Seconds, mebibytes, per cent. What is below 0, or beyond the most, is as good as not told. */
export const toldAmount = v.pipe(
  v.nullish(v.number()),
  v.transform((value) => (value != null && value >= 0 && value <= MOST ? value : null)),
);

/** Of a card, a version, a model: these are shown. Paths of models are among them. */
export const shownName = v.pipe(v.string(), v.maxLength(300));

/** Of a job or a prompt. It becomes part of addresses, so it must be a name there: halves of characters and dots are none. */
export const jobId = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(200),
  v.check((id) => id.isWellFormed() && !/^\.+$/.test(id), 'a name'),
);
