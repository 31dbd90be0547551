/** Files on this machine's disk. Node only: the browser has blobs instead. */
import { close, fstat, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { AppError } from '../core/errors';
import { type ByteSource, checkRange, throwIfCancelled, whole } from '../weights/byte_source';

// Plain descriptors: a FileHandle of node:fs/promises complains when a process ends without closing it.
const fs = { open: promisify(open), fstat: promisify(fstat), close: promisify(close), read: promisify(read) };

export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

export async function openFile(path: string): Promise<FileSource> {
  const file = await fs.open(path, 'r').catch((cause) => {
    throw new AppError('weights-missing', `${path} cannot be opened (${cause.code}).`, { cause });
  });
  const stat = await fs.fstat(file);
  if (!stat.isFile()) {
    await fs.close(file);
    throw new AppError('weights-missing', `${path} is not a file.`);
  }
  const source: FileSource = {
    name: path,
    bytes: stat.size,
    async read(begin, end, signal) {
      checkRange(source, begin, end);
      throwIfCancelled(signal, path);
      const bytes = new Uint8Array(end - begin);
      return whole(bytes.subarray(0, await readInto(file, bytes, begin)), source, begin, end);
    },
    async readInto(begin, into, signal) {
      checkRange(source, begin, begin + into.length);
      throwIfCancelled(signal, path);
      whole(into.subarray(0, await readInto(file, into, begin)), source, begin, begin + into.length);
    },
    close: () => fs.close(file),
  };
  return source;
}

/** One call may read less than asked for. Returns how much there was. */
async function readInto(file: number, bytes: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await fs.read(file, bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}
