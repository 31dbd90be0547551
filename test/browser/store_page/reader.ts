/** Reads through the loader's port as the engine does, and holds the bytes against what they must be. */
import { expose } from 'comlink';
import { connectSources, type SourceClient, type SourceKey } from '../../../workers/byte_port';
import { keepErrorCodes } from '../../../workers/error_transfer';
import { pattern } from '../../support/pattern';

keepErrorCodes();

let client: SourceClient | null = null;

const reader = {
  async connect(port: MessagePort): Promise<void> {
    client?.close();
    client = connectSources(port);
  },

  /** All ranges at once. How many bytes came, and how many of them are other than the pattern's. */
  async compare(key: SourceKey, ranges: readonly (readonly [number, number])[]) {
    const source = await client!.open(key);
    try {
      const read = await Promise.all(ranges.map(([begin, end]) => source.read(begin, end)));
      let bytes = 0;
      let wrong = 0;
      read.forEach((got, i) => {
        const [begin, end] = ranges[i]!;
        const expected = pattern(begin, end);
        bytes += got.length;
        wrong += expected.reduce((count, byte, at) => count + (got[at] === byte ? 0 : 1), 0);
      });
      return { name: source.name, size: source.bytes, bytes, wrong };
    } finally {
      source.close();
    }
  },

  /** Opens it and never closes it. */
  async hold(key: SourceKey): Promise<void> {
    await client!.open(key);
  },

  /** Begins many reads and cancels them; the codes they end with. A read after them must still succeed. */
  async cancelReads(key: SourceKey, count: number, bytes: number): Promise<string[]> {
    const source = await client!.open(key);
    try {
      const controller = new AbortController();
      const reads = Array.from({ length: count }, () => source.read(0, bytes, controller.signal));
      controller.abort();
      const ended = await Promise.allSettled(reads);
      await source.read(0, 1);
      return ended.map((read) => (read.status === 'rejected' ? read.reason.code : 'read'));
    } finally {
      source.close();
    }
  },
};

export type Reader = typeof reader;
expose(reader);
