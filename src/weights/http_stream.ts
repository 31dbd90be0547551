/** A file behind a URL whose bytes are also to be had as they arrive, for downloads. */
import type { ByteSource } from './byte_source';
import { openHttpSource } from './http_source';

export interface HttpSource extends ByteSource {
  /** Bytes [begin, end) in order, in pieces of any length, all of them or an AppError. */
  stream(begin: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  /** What its origin says the file's sum is, in lower-case hexadecimal. */
  readonly sha256?: string;
}

const PIECE_BYTES = 2 ** 20;

export async function openHttpStream(url: string, signal?: AbortSignal): Promise<HttpSource> {
  const source = await openHttpSource(url, signal);
  return {
    ...source,
    async *stream(begin, end, signal) {
      for (let at = begin; at < end; at += PIECE_BYTES)
        yield await source.read(at, Math.min(at + PIECE_BYTES, end), signal);
    },
  };
}
