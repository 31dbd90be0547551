/** Faults on demand: what a server, or the network before it, does wrong, and to which requests. */
import * as v from 'valibot';
import { AppError } from '../core/errors';

/** Where a request ends: the list of files, the address that redirects, the one that sends bytes. */
export type Place = 'api' | 'resolve' | 'cdn';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const fault = v.strictObject({
  /** Which requests: those whose path contains this. Without it, all. */
  path: v.optional(v.string()),
  at: v.optional(v.picklist(['api', 'resolve', 'cdn']), 'cdn'),
  method: v.optional(v.picklist(['GET', 'HEAD'])),
  /** Let so many of them pass first, then hit so many. Without `times`, all. */
  skip: v.optional(count, 0),
  times: v.optional(count, Number.MAX_SAFE_INTEGER),

  /** This status instead of an answer, with these headers beside it: 'retry-after', 'ratelimit' … */
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(300), v.maxValue(599))),
  headers: v.optional(v.record(v.string(), v.string())),
  /** The connection is closed without a word. */
  refuse: v.optional(v.boolean()),
  /** After so many bytes of the body: silence, or the end of the connection, or of the body as if it were whole. */
  stallAfterBytes: v.optional(count),
  cutAfterBytes: v.optional(count),
  endAfterBytes: v.optional(count),
  bytesPerSecond: v.optional(v.pipe(v.number(), v.gtValue(0))),
  /** 200 and the whole file, whatever range was asked. */
  whole: v.optional(v.boolean()),
  /** These bytes of the file are wrong: [begin, end). */
  wrongBytes: v.optional(v.strictTuple([count, count])),
  /** Another range than the one asked: so many bytes further on. */
  shiftBytes: v.optional(count),
  /** More bytes than were asked. */
  extraBytes: v.optional(count),
  /** Another file: this size in Content-Range. */
  totalBytes: v.optional(count),
  etag: v.optional(v.string()),
  /** No cross-origin headers at all; or those that let a page see Content-Range are missing, and the length too. */
  noCors: v.optional(v.boolean()),
  hideRange: v.optional(v.boolean()),
  hideLength: v.optional(v.boolean()),
});

export type Fault = v.InferOutput<typeof fault>;
export type FaultInput = v.InferInput<typeof fault>;

export interface Faults {
  set(faults: readonly FaultInput[]): void;
  /** All that is to go wrong with this request; counts it. `query` is a fault, or several, of the request's own. */
  of(request: { at: Place; path: string; method: string }, query: string | null): Partial<Fault>;
}

interface Armed {
  readonly fault: Fault;
  seen: number;
}

export function createFaults(first: readonly FaultInput[] = []): Faults {
  let armed: Armed[] = readFaults(first).map((fault) => ({ fault, seen: 0 }));
  const ofQueries = new Map<string, Armed[]>();

  return {
    set(faults) {
      armed = readFaults(faults).map((fault) => ({ fault, seen: 0 }));
      ofQueries.clear();
    },
    of({ at, path, method }, query) {
      if (query && !ofQueries.has(query))
        ofQueries.set(
          query,
          parseFaults(query).map((fault) => ({ fault, seen: 0 })),
        );
      const own = query ? ofQueries.get(query)! : [];
      const hit = [...armed, ...own].filter(({ fault }) => {
        return fault.at === at && path.includes(fault.path ?? '') && (fault.method ?? method) === method;
      });
      return Object.assign(
        {},
        ...hit.map((one) => {
          const { skip, times } = one.fault;
          one.seen += 1;
          return one.seen > skip && one.seen <= skip + times ? one.fault : {};
        }),
      );
    },
  };
}

/** JSON of one fault or a list. Throws input-invalid for what is none: a fault misspelt must not be a test passed. */
export function parseFaults(json: string): Fault[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new AppError('input-invalid', `Faults are JSON, not "${json}".`, { cause });
  }
  return readFaults(Array.isArray(value) ? value : [value]);
}

function readFaults(values: readonly unknown[]): Fault[] {
  return values.map((value) => {
    const parsed = v.safeParse(fault, value);
    if (parsed.success) return parsed.output;
    const [issue] = parsed.issues;
    const known = Object.keys(fault.entries).join(', ');
    throw new AppError(
      'input-invalid',
      `Not a fault: "${v.getDotPath(issue) ?? ''}" ${issue.message}. Known are ${known}.`,
    );
  });
}
