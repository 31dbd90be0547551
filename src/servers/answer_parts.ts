/** What the schemas of servers' answers are made of: anybody can answer anything. */
import * as v from 'valibot';

/** Seconds, mebibytes, per cent. What is below 0, or has no end, is as good as not told. */
export const toldAmount = v.pipe(
  v.nullish(v.number()),
  v.transform((value) => (value != null && Number.isFinite(value) && value >= 0 ? value : null)),
);

/** Of a job or a prompt. It becomes part of addresses, so it must be a name there: halves of characters and dots are none. */
export const jobId = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(200),
  v.check((id) => id.isWellFormed() && !/^\.+$/.test(id), 'a name'),
);
