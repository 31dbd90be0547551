/**
 * Fetches what is missing of a stored file, some ranges at a time. What has been
 * asked for or has arrived without being committed never exceeds CHUNK_BYTES:
 * that is all a killed page has to fetch again.
 */
import { AppError } from '../core/errors';
import { throwIfCancelled } from './byte_source';
import { BLOCK_BYTES, type ByteRange, missingRanges } from './chunk_map';
import type { HttpSource } from './http_source';
import { CHUNK_BYTES, type StoredFile } from './stored_file';

export const MAX_PARALLEL = 4;

/** Of one request. Four of them, or any number with one being committed, fit in CHUNK_BYTES. */
export const REQUEST_BYTES = CHUNK_BYTES / MAX_PARALLEL;

/** A slow line fills no COMMIT_BYTES for minutes. */
const COMMIT_MS = 1000;

export interface FetchOptions {
  readonly wanted: readonly ByteRange[];
  /** Requests at a time, 1 to MAX_PARALLEL. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /** Told of every piece: its bytes, and how many arrived ones belong to blocks that are not whole yet. */
  onPiece(bytes: number, unfinishedBytes: number): void;
}

/**
 * Resolves when all of `wanted` is in the file and committed. On any failure all
 * requests are ended, and what was whole is committed before it is thrown.
 */
export async function fetchMissing(file: StoredFile, source: HttpSource, options: FetchOptions): Promise<void> {
  const requests = cut(missingRanges(file.map, options.wanted));
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  /** Asked for and not yet in the file. */
  let expectedBytes = 0;
  let unfinishedBytes = 0;

  async function fetchRange(range: ByteRange, block: Uint8Array): Promise<void> {
    let remainingBytes = range.endByte - range.beginByte;
    if (expectedBytes + remainingBytes + file.uncommittedBytes > CHUNK_BYTES) file.commit();
    expectedBytes += remainingBytes;
    let filled = 0;
    try {
      for await (const piece of source.stream(range.beginByte, range.endByte, signal)) {
        for (let taken = 0; taken < piece.length; ) {
          const blockBytes = Math.min(BLOCK_BYTES, remainingBytes);
          const part = piece.subarray(taken, taken + blockBytes - filled);
          if (blockBytes === 0) throw tooMuch(source, range);
          block.set(part, filled);
          filled += part.length;
          taken += part.length;
          unfinishedBytes += part.length;
          if (filled < blockBytes) continue;
          file.writeBlock(range.endByte - remainingBytes, block.subarray(0, blockBytes));
          remainingBytes -= blockBytes;
          expectedBytes -= blockBytes;
          unfinishedBytes -= blockBytes;
          filled = 0;
        }
        options.onPiece(piece.length, unfinishedBytes);
      }
      if (remainingBytes > 0) throw tooLittle(source, range, remainingBytes - filled);
    } finally {
      expectedBytes -= remainingBytes;
      unfinishedBytes -= filled;
    }
  }

  async function lane(): Promise<void> {
    const block = new Uint8Array(BLOCK_BYTES);
    for (let range = requests.shift(); range; range = requests.shift()) {
      throwIfCancelled(signal, source.name);
      await fetchRange(range, block);
    }
  }

  let failure: unknown;
  const fail = (reason: unknown) => {
    failure ??= reason;
    failed.abort();
  };
  const timer = setInterval(() => {
    try {
      file.commit();
    } catch (reason) {
      fail(reason);
    }
  }, COMMIT_MS);
  const lanes = Math.max(1, Math.min(options.parallel, MAX_PARALLEL));
  await Promise.all(Array.from({ length: lanes }, () => lane().catch(fail)));
  clearInterval(timer);
  try {
    file.commit();
  } catch (reason) {
    fail(reason);
  }
  if (failure) throw failure;
}

function cut(ranges: readonly ByteRange[]): ByteRange[] {
  return ranges.flatMap(({ beginByte, endByte }) =>
    Array.from({ length: Math.ceil((endByte - beginByte) / REQUEST_BYTES) }, (_, i) => ({
      beginByte: beginByte + i * REQUEST_BYTES,
      endByte: Math.min(beginByte + (i + 1) * REQUEST_BYTES, endByte),
    })),
  );
}

const tooMuch = ({ name }: HttpSource, { beginByte, endByte }: ByteRange) =>
  new AppError(
    'file-invalid',
    `${name}: more than the ${endByte - beginByte} bytes asked for from ${beginByte} on came.`,
  );

const tooLittle = ({ name }: HttpSource, { beginByte, endByte }: ByteRange, lacking: number) =>
  new AppError(
    'file-invalid',
    `${name}: of the ${endByte - beginByte} bytes asked for from ${beginByte} on, ${lacking} did not come.`,
  );
