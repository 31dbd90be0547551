/** A file of any size of which only the start is there, and zeros after it; counts what is read of it. */
import { type ByteSource, checkRange, throwIfCancelled } from '../../src/weights/byte_source';

export interface CountedSource extends ByteSource {
  readonly reads: readonly (readonly [begin: number, end: number])[];
}

export const sparseSource = (name: string, start: Uint8Array, bytes: number): CountedSource =>
  pieceSource(name, bytes, [[0, start]]);

/** `pieces`: where they begin, and what is there. */
export function pieceSource(
  name: string,
  bytes: number,
  pieces: readonly (readonly [begin: number, piece: Uint8Array])[],
): CountedSource {
  const reads: [number, number][] = [];
  const source: CountedSource = {
    name,
    bytes,
    reads,
    async read(begin, end, signal) {
      checkRange(source, begin, end);
      throwIfCancelled(signal, name);
      reads.push([begin, end]);
      const read = new Uint8Array(end - begin);
      for (const [at, piece] of pieces) {
        const [from, to] = [Math.max(begin, at), Math.min(end, at + piece.length)];
        if (from < to) read.set(piece.subarray(from - at, to - at), from - begin);
      }
      return read;
    },
  };
  return source;
}
