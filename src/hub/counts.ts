/** What was served: so a test can prove that each byte went over the wire once, and which were not needed at all. */
import type { HubFile, PartKind } from './hub_file';

export interface PartCount {
  /** Sent, and of these how many had been sent before. */
  bytes: number;
  again: number;
}

export interface FileCount {
  /** For bytes; the hub's own redirects are counted apart. */
  requests: number;
  redirects: number;
  bytes: number;
  again: number;
  readonly parts: Record<PartKind, PartCount>;
}

export interface HubCounts {
  /** Requests for lists of files. */
  readonly api: number;
  /** What browsers ask before a request that is not simple. */
  readonly preflights: number;
  /** By 'owner/repo/path'. */
  readonly files: Readonly<Record<string, FileCount>>;
}

export interface Counter {
  counts(): HubCounts;
  reset(): void;
  api(): void;
  preflight(): void;
  redirect(file: string): void;
  request(file: string): void;
  /** Bytes [begin, end) were handed to the network. */
  sent(file: string, { parts }: HubFile, begin: number, end: number): void;
}

type Entry = FileCount & { readonly ranges: Range[] };
type Range = [begin: number, end: number];

export function createCounter(): Counter {
  let files = new Map<string, Entry>();
  let api = 0;
  let preflights = 0;

  function entryOf(file: string): Entry {
    const known = files.get(file);
    if (known) return known;
    const none = () => ({ bytes: 0, again: 0 });
    const parts = { header: none(), embedding: none(), weights: none(), other: none() };
    const entry: Entry = { requests: 0, redirects: 0, ...none(), parts, ranges: [] };
    files.set(file, entry);
    return entry;
  }

  return {
    counts: () => ({
      api,
      preflights,
      files: Object.fromEntries([...files].map(([name, { ranges, ...count }]) => [name, structuredClone(count)])),
    }),
    reset() {
      files = new Map();
      api = 0;
      preflights = 0;
    },
    api: () => void (api += 1),
    preflight: () => void (preflights += 1),
    redirect: (file) => void (entryOf(file).redirects += 1),
    request: (file) => void (entryOf(file).requests += 1),
    sent(file, { parts }, begin, end) {
      const entry = entryOf(file);
      for (const part of parts) {
        const [first, last] = [Math.max(begin, part.begin), Math.min(end, part.end)];
        if (first >= last) continue;
        const bytes = last - first;
        const again = bytes - cover(entry.ranges, first, last);
        for (const count of [entry, entry.parts[part.kind]]) {
          count.bytes += bytes;
          count.again += again;
        }
      }
    },
  };
}

/** Adds a range to sorted ranges that do not touch. Returns how many of its bytes were in none. */
function cover(ranges: Range[], begin: number, end: number): number {
  let [from, to] = [begin, end];
  let known = 0;
  let first = ranges.findIndex((range) => range[1] >= begin);
  if (first < 0) first = ranges.length;
  let count = 0;
  for (let range = ranges[first]; range && range[0] <= end; range = ranges[first + count]) {
    known += Math.max(0, Math.min(end, range[1]) - Math.max(begin, range[0]));
    from = Math.min(from, range[0]);
    to = Math.max(to, range[1]);
    count += 1;
  }
  ranges.splice(first, count, [from, to]);
  return end - begin - known;
}
