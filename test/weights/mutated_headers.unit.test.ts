/**
 * Hundreds of damaged files of each format, and half an hour of them in `npm run test:fuzz`. A header comes from a
 * stranger: whatever is in it, opening ends in a list of tensors that all lie in the file, or in an error with a code;
 * soon, and in bounded memory.
 */
import { expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { ggufFiles, safetensorsFiles, torchFiles } from '../support/damaged_headers';
import { seededRandom } from '../support/mutations';
import { sparseSource } from '../support/sparse_source';

const FILES = 600;
const SECONDS_A_FILE = 1;
/** What opening one file may read: the largest header of its format, and what is read again. */
const READ_BYTES = { safetensors: 9e6, gguf: 65 * 2 ** 20, pth: 33 * 2 ** 20 };
/** What opening may hold at once, above what was held before: the largest header as bytes and as text, twice over until it is collected. */
const MEMORY_BYTES = 512e6;
/** Files that made the reader read this much are those to look at. */
const MUCH_BYTES = 1e6;

/** Holds what was opened to its promises. `much` is called when a lot was read, before anything of it is forgotten. */
async function opens(bytes: Uint8Array, fileBytes: number, mostBytes: number, much: () => void): Promise<boolean> {
  const source = sparseSource('damaged', bytes, fileBytes);
  const began = performance.now();
  try {
    const file = await openTensorFile(source);
    joinFiles([file]);
    for (const { beginByte, endByte, shape } of file.tensors.values()) {
      if (!(beginByte >= 0 && beginByte <= endByte && endByte <= fileBytes))
        throw new Error('a tensor outside of its file');
      if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) throw new Error(`a shape of [${shape}]`);
    }
    return true;
  } catch (failure) {
    if (!(failure instanceof AppError) || failure.code !== 'file-invalid') throw failure;
    return false;
  } finally {
    expect(performance.now() - began).toBeLessThan(SECONDS_A_FILE * 1000);
    const read = source.reads.reduce((sum, [begin, end]) => sum + end - begin, 0);
    if (read > MUCH_BYTES) much();
    expect(read).toBeLessThanOrEqual(mostBytes);
  }
}

test.for([
  ['safetensors', safetensorsFiles],
  ['gguf', ggufFiles],
  ['pth', torchFiles],
] as const)(
  `${FILES} damaged files of the format %s end in tensors or in an error, soon and in little memory`,
  async ([format, make]) => {
    const makers = await make();
    const held = () => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = held();
    let most = 0;
    const look = () => {
      most = Math.max(most, held() - before);
    };
    let opened = 0;
    for (let seed = 0; seed < FILES; seed++) {
      const random = seededRandom(seed);
      const damaged = await makers[seed % makers.length]!(random);
      const [bytes, length] = Array.isArray(damaged) ? damaged : [damaged, damaged.length];
      // Now and then a file that goes on for a terabyte, so that large counts do not stop at its end.
      const fileBytes = random(20) === 0 && format !== 'pth' ? 2 ** 40 : Math.max(length, bytes.length);
      try {
        if (await opens(bytes, fileBytes, READ_BYTES[format], look)) opened++;
      } catch (failure) {
        throw new Error(`seed ${seed}: ${failure}`, { cause: failure });
      }
      if (seed % 50 === 0) look();
    }
    expect(most).toBeLessThan(MEMORY_BYTES);
    // The damage neither spares nearly all files nor kills each.
    expect(opened).toBeGreaterThan(FILES / 50);
    expect(opened).toBeLessThan(FILES / 2);
  },
);
