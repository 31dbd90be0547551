/** A stored file as a source of bytes: from the store where they are there, from its origin where not. */
import { AppError } from '../core/errors';
import { type ByteSource, checkRange, throwIfCancelled } from './byte_source';
import { runs } from './chunk_map';
import type { StoredModel } from './opfs_store';

/**
 * Missing bytes are asked for exactly, and not kept: rows of an embedding table
 * that is too large to store. `openOrigin` is called when the first is missing.
 * Throws checksum-wrong for a file that was set aside.
 */
export async function openStoredSource(
  model: StoredModel,
  name: string,
  openOrigin: () => Promise<ByteSource>,
): Promise<ByteSource> {
  const file = await model.file(name);
  const record = () => model.record.files.find((entry) => entry.name === name)!;
  let origin: Promise<ByteSource> | null = null;
  const fromOrigin = () => {
    origin ??= openOrigin().catch((failure) => {
      origin = null; // so that the next read tries again
      throw failure;
    });
    return origin;
  };

  const source: ByteSource = {
    name,
    bytes: record().bytes,
    async read(beginByte, endByte, signal) {
      checkRange(source, beginByte, endByte);
      throwIfCancelled(signal, name);
      if (record().checked === 'wrong')
        throw new AppError(
          'checksum-wrong',
          `${name} was set aside: its ${source.bytes} bytes have another sha256 than ${record().sha256}. Download it again.`,
        );
      const parts = runs(file.map, { beginByte, endByte });
      const fetchPart = async (begin: number, end: number) => (await fromOrigin()).read(begin, end, signal);
      if (parts.length === 1 && !parts[0]!.present) return fetchPart(beginByte, endByte);
      const bytes = new Uint8Array(endByte - beginByte);
      await Promise.all(
        parts.map(async (part) => {
          const into = bytes.subarray(part.beginByte - beginByte, part.endByte - beginByte);
          if (part.present) file.read(part, into);
          else into.set(await fetchPart(part.beginByte, part.endByte));
        }),
      );
      return bytes;
    },
  };
  return source;
}
