/** The sha256 of a stored file, a piece at a time, so that its worker answers others in between. */
import { createSHA256 } from 'hash-wasm';
import { throwIfCancelled } from './byte_source';
import type { StoredFile } from './stored_file';

/** About 20 ms of hashing. */
const PIECE_BYTES = 8 * 2 ** 20;

/**
 * In lower-case hexadecimal. `onBytes` is told how much of the file is done.
 * Throws cancelled, and storage-failed where bytes are not there.
 */
export async function checkSum(
  file: StoredFile,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const hash = await createSHA256();
  const piece = new Uint8Array(PIECE_BYTES);
  for (let beginByte = 0; beginByte < file.map.bytes; beginByte += PIECE_BYTES) {
    throwIfCancelled(signal, file.name);
    const endByte = Math.min(beginByte + PIECE_BYTES, file.map.bytes);
    hash.update(file.read({ beginByte, endByte }, piece.subarray(0, endByte - beginByte)));
    onBytes(endByte);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return hash.digest('hex');
}
