/** A file of the hub: its bytes are made, or read, when they are asked for. */

/** What a stretch of a file is for: tests ask how much of each was fetched, and how often. */
export type PartKind = 'header' | 'embedding' | 'weights' | 'other';

export interface Part {
  readonly kind: PartKind;
  readonly begin: number;
  readonly end: number;
  /** Bytes [begin, end) of this part, counted from its first. */
  bytes(begin: number, end: number): Uint8Array<ArrayBuffer>;
}

export interface HubFile {
  /** In its repository. */
  readonly path: string;
  readonly bytes: number;
  /** In order, without gaps. */
  readonly parts: readonly Pick<Part, 'kind' | 'begin' | 'end'>[];
  /** Bytes [begin, end). */
  read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** The parts follow each other from byte 0 on. */
export function fileOfParts(path: string, parts: readonly Part[]): HubFile {
  return {
    path,
    parts,
    bytes: parts.at(-1)?.end ?? 0,
    async read(begin, end) {
      const from = partAt(parts, begin);
      if (end <= (parts[from]?.end ?? 0)) return piece(parts[from]!, begin, end);
      const whole = new Uint8Array(end - begin);
      for (let i = from; i < parts.length && parts[i]!.begin < end; i++) {
        const part = parts[i]!;
        const first = Math.max(begin, part.begin);
        whole.set(piece(part, first, Math.min(end, part.end)), first - begin);
      }
      return whole;
    },
  };
}

export function textFile(path: string, text: string): HubFile {
  return fileOfParts(path, [literal('other', 0, new TextEncoder().encode(text))]);
}

export function literal(kind: PartKind, begin: number, content: Uint8Array): Part {
  return { kind, begin, end: begin + content.length, bytes: (from, to) => Uint8Array.from(content.subarray(from, to)) };
}

const piece = (part: Part, begin: number, end: number) => part.bytes(begin - part.begin, end - part.begin);

/** Index of the part that has byte `at`: of the parts that begin there or before it, the last. */
function partAt(parts: readonly Part[], at: number): number {
  let low = 0;
  let high = parts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (parts[middle]!.begin <= at) low = middle;
    else high = middle;
  }
  return low;
}
