/**
 * A saved result, or the reason why it is none. Everything in it is checked once,
 * here: files and links from elsewhere are the only untrusted input that the page takes.
 */
import * as v from 'valibot';
import { checked } from '../core/checked';
import { survey, textExtent } from '../core/nesting';
import type { BenchmarkResult } from '../core/result';
import { convertFromVersion1 } from './convert_result';
import { resultSchema } from './result_schema';

/** Structured, so that the page can say it in the reader's language. */
export type Refusal =
  | { reason: 'unreadable' }
  | { reason: 'too-large'; bytes: number; limitBytes: number }
  | { reason: 'not-json' }
  | { reason: 'too-deep'; levels: number }
  | { reason: 'too-many-values'; values: number; limit: number }
  | { reason: 'too-many-names'; names: number; limit: number }
  | { reason: 'other-schema'; found: string }
  | { reason: 'other-version'; found: string; known: number }
  | { reason: 'field'; path: string; expected: string; received: string }
  | { reason: 'link-too-long'; characters: number; limit: number }
  | { reason: 'link-damaged' }
  | { reason: 'link-unpacks'; limitBytes: number };

export type ReadResult = { ok: true; result: BenchmarkResult } | Refused;
export type Refused = { ok: false; refusal: Refusal };

/** A Standard result with its timeline is about 60 kB. */
export const LIMIT_BYTES = 4 * 2 ** 20;
/**
 * In a file, known and unknown: each is looked at and copied some times. A run of 50 steps with all their counters has
 * 3000, a Standard result 900, the longest result of our own 25,000.
 */
export const MOST_VALUES = 60_000;
/** In one object: with more, an engine takes thrice as long for each. */
const MOST_NAMES = 5000;
/** Ours have seven. What is nested deeper by thousands could be opened and not saved again. */
const MOST_LEVELS = 32;
const VERSION = 2;

export function readResult(text: string): ReadResult {
  const parsed = parseJson(text, LIMIT_BYTES);
  return parsed.ok ? readResultJson(parsed.json) : parsed;
}

/** Of parsed JSON; a result of version 1 becomes one of version 2. */
export function readResultJson(json: unknown): ReadResult {
  const refusal = wrongKind(json, 'wanscope-result', [1, VERSION]);
  if (refusal) return refuse(refusal);
  // Before it is converted, which goes through lists that no schema has seen.
  const refused = lookAt(json);
  if (refused) return refused;
  const fields = json as Readonly<Record<string, unknown>>;
  const read = matched(resultSchema, fields.version === 1 ? convertFromVersion1(fields) : fields);
  return read.ok ? { ok: true, result: read.value } : read;
}

export function parseJson(text: string, limitBytes: number): { ok: true; json: unknown } | Refused {
  if (text.length > limitBytes) return refuse({ reason: 'too-large', bytes: text.length, limitBytes });
  const { levels, names } = textExtent(text);
  if (levels > MOST_LEVELS) return tooDeep();
  if (names > MOST_NAMES) return refuse({ reason: 'too-many-names', names, limit: MOST_NAMES });
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch {
    return refuse({ reason: 'not-json' });
  }
}

/** Null where it says to be of this schema in a version that is known; the last of them is the newest. */
export function wrongKind(json: unknown, wanted: string, versions: readonly number[]): Refusal | null {
  const { schema, version } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  if (schema !== wanted) return { reason: 'other-schema', found: brief(schema) };
  if (versions.includes(version as number)) return null;
  return { reason: 'other-version', found: brief(version), known: versions.at(-1)! };
}

/**
 * Null where it can be read, written and kept, whatever is in the fields that no schema knows: JSON reads 1e999, and
 * writes null.
 */
export function lookAt(json: unknown, most = MOST_VALUES): Refused | null {
  const { values, isDeeper, infinite } = survey(json, MOST_LEVELS);
  if (isDeeper) return tooDeep();
  if (values > most) return refuse({ reason: 'too-many-values', values, limit: most });
  if (infinite === null) return null;
  return refuse({ reason: 'field', path: infinite, expected: 'finite', received: brief(Number.POSITIVE_INFINITY) });
}

type Matched<T> = { ok: true; value: T } | Refused;

/** Of any JSON. */
export const checkFields = <T>(schema: v.GenericSchema<unknown, T>, json: unknown, most?: number): Matched<T> =>
  lookAt(json, most) ?? matched(schema, json);

/** Of JSON that was looked at. */
function matched<T>(schema: v.GenericSchema<unknown, T>, json: unknown): Matched<T> {
  const parsed = checked(schema, json);
  if (parsed.success) return { ok: true, value: parsed.output };
  const issue = parsed.issues[0];
  return refuse({
    reason: 'field',
    path: v.getDotPath(issue) ?? '',
    // A check of ours says what it expects in its message, and is about the field at the end of its path.
    expected: issue.expected ?? issue.message,
    received: brief(issue.expected ? issue.received : issue.path?.at(-1)?.value),
  });
}

export const refuse = (refusal: Refusal): Refused => ({ ok: false, refusal });
const tooDeep = () => refuse({ reason: 'too-deep', levels: MOST_LEVELS });

/** Never the whole of an object: it may be nested deeper than can be written. */
function brief(value: unknown): string {
  if (Array.isArray(value)) return '[…]';
  if (typeof value === 'object' && value !== null) return '{…}';
  return value === undefined ? '' : String(value).slice(0, 40);
}
