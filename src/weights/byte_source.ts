/**
 * Where the bytes of a file come from: a chosen file, a URL, a disk. All are
 * read in ranges, so that nothing is ever held whole.
 */
import { AppError } from '../core/errors';

export interface ByteSource {
  /** What the user knows it by: a file name or an address. */
  readonly name: string;
  readonly bytes: number;
  /** Bytes [begin, end), all of them or an AppError. Many reads may be under way at once. */
  read(begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** The same, written where it is told, where that saves a copy. */
  readInto?(begin: number, into: Uint8Array, signal?: AbortSignal): Promise<void>;
}

/** Four TiB. Weights are a hundred times smaller, and a map of the blocks of such a file takes half a megabyte. */
export const MAX_FILE_BYTES = 2 ** 42;

/** A file the user chose in the browser, or any other blob. */
export function blobSource(name: string, blob: Blob): ByteSource {
  const source: ByteSource = {
    name,
    bytes: blob.size,
    async read(begin, end, signal) {
      checkRange(source, begin, end);
      throwIfCancelled(signal, name);
      let bytes: Uint8Array<ArrayBuffer>;
      try {
        bytes = new Uint8Array(await blob.slice(begin, end).arrayBuffer());
      } catch (cause) {
        // The browser refuses a file that changed on disk since it was chosen.
        throw new AppError('file-invalid', `${name} can no longer be read. Choose the file again.`, { cause });
      }
      return whole(bytes, source, begin, end);
    },
  };
  return source;
}

/** Offsets come out of headers; one that is wrong must not become a read of something else. */
export function checkRange({ name, bytes }: ByteSource, begin: number, end: number): void {
  if (!(begin >= 0 && begin <= end && end <= bytes))
    throw new AppError('file-invalid', `Bytes ${begin}–${end} of ${name} were asked for, which has ${bytes}.`);
}

export function throwIfCancelled(signal: AbortSignal | undefined, name: string): void {
  if (signal?.aborted) throw new AppError('cancelled', `Stopped while reading ${name}.`);
}

/** A short answer must not pass as a tensor that ends in zeros. */
export function whole<T extends Uint8Array>(read: T, { name }: ByteSource, begin: number, end: number): T {
  if (read.length !== end - begin)
    throw new AppError(
      'file-invalid',
      `${name} gave ${read.length} of the ${end - begin} bytes from ${begin} on. It is cut off, or changed while it was read.`,
    );
  return read;
}
