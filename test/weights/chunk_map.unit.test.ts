import { describe, expect, test } from 'vitest';
import {
  BLOCK_BYTES,
  type ChunkMap,
  decodeChunkMap,
  emptyChunkMap,
  encodeChunkMap,
  forgetFrom,
  mark,
  missingRanges,
  presentBytes,
  rangesWithout,
  runs,
  wantedBytes,
  wholeFile,
} from '../../src/weights/chunk_map';

/** Nine blocks and a short tenth. */
const FILE = { bytes: 9 * BLOCK_BYTES + 1000, origin: 'sha256:ab' };

const range = (beginByte: number, endByte: number) => ({ beginByte, endByte });
const blocks = (begin: number, end: number) => range(begin * BLOCK_BYTES, Math.min(end * BLOCK_BYTES, FILE.bytes));

function mapOf(...present: number[]): ChunkMap {
  const map = emptyChunkMap(FILE);
  for (const block of present) mark(map, blocks(block, block + 1));
  return map;
}

describe('a map', () => {
  test('begins empty and ends with nothing missing', () => {
    const map = emptyChunkMap(FILE);
    expect(missingRanges(map, wholeFile(FILE.bytes))).toEqual([blocks(0, 10)]);
    mark(map, range(0, FILE.bytes));
    expect(missingRanges(map, wholeFile(FILE.bytes))).toEqual([]);
    expect(presentBytes(map, wholeFile(FILE.bytes))).toBe(FILE.bytes);
  });

  test('marks only blocks that lie wholly in the range, of which the last may be short', () => {
    const map = emptyChunkMap(FILE);
    mark(map, range(1, 3 * BLOCK_BYTES - 1));
    expect(missingRanges(map, wholeFile(FILE.bytes))).toEqual([blocks(0, 1), blocks(2, 10)]);
    mark(map, range(9 * BLOCK_BYTES, FILE.bytes - 1));
    expect(presentBytes(map, wholeFile(FILE.bytes))).toBe(BLOCK_BYTES);
    mark(map, range(9 * BLOCK_BYTES, FILE.bytes));
    expect(presentBytes(map, wholeFile(FILE.bytes))).toBe(BLOCK_BYTES + 1000);
  });

  test('asks for whole blocks of what is wanted, and for each of them once', () => {
    const wanted = [
      range(8.5 * BLOCK_BYTES, FILE.bytes),
      range(10, 20),
      range(BLOCK_BYTES, 2.5 * BLOCK_BYTES),
      range(5, 5),
    ];
    expect(missingRanges(mapOf(1, 8), wanted)).toEqual([blocks(0, 1), blocks(2, 3), blocks(9, 10)]);
    expect(wantedBytes(FILE.bytes, wanted)).toBe(4 * BLOCK_BYTES + 1000);
    expect(presentBytes(mapOf(1, 8), wanted)).toBe(2 * BLOCK_BYTES);
  });

  test('parts a read into what is there and what is not, to the byte', () => {
    expect(runs(mapOf(1, 2), range(100, 3 * BLOCK_BYTES + 7))).toEqual([
      { ...range(100, BLOCK_BYTES), present: false },
      { ...blocks(1, 3), present: true },
      { ...range(3 * BLOCK_BYTES, 3 * BLOCK_BYTES + 7), present: false },
    ]);
    expect(runs(mapOf(), range(7, 7))).toEqual([]);
  });

  test('forgets what lies beyond the end of a file that shrank', () => {
    const map = mapOf(0, 4, 5, 9);
    expect(forgetFrom(map, FILE.bytes)).toBe(false);
    expect(forgetFrom(map, 5 * BLOCK_BYTES + 5)).toBe(true);
    expect(missingRanges(map, wholeFile(FILE.bytes))).toEqual([blocks(1, 4), blocks(5, 10)]);
    expect(forgetFrom(map, 5 * BLOCK_BYTES)).toBe(false);
  });

  test('agrees with a plain list of blocks, at random', () => {
    let state = 1;
    const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
    for (let round = 0; round < 200; round++) {
      const present = Array.from({ length: 10 }, () => random(2) === 1);
      const map = mapOf(...present.flatMap((is, block) => (is ? [block] : [])));
      const beginByte = random(FILE.bytes);
      const wanted = range(beginByte, beginByte + 1 + random(FILE.bytes - beginByte));
      const touched = present.map((_, block) => {
        const { beginByte, endByte } = blocks(block, block + 1);
        return wanted.beginByte < endByte && wanted.endByte > beginByte;
      });
      const missing = missingRanges(map, [wanted]);
      const asked = present.map((_, block) =>
        missing.some(({ beginByte, endByte }) => {
          const own = blocks(block, block + 1);
          return beginByte <= own.beginByte && endByte >= own.endByte;
        }),
      );
      expect(asked).toEqual(present.map((is, block) => touched[block] && !is));
      const read = runs(map, wanted);
      expect([read[0]!.beginByte, read.at(-1)!.endByte]).toEqual([wanted.beginByte, wanted.endByte]);
      for (const { beginByte, present: is } of read) expect(is).toBe(present[Math.floor(beginByte / BLOCK_BYTES)]);
    }
  });
});

test('a file without some ranges is the rest of it', () => {
  expect(rangesWithout(100, [])).toEqual([range(0, 100)]);
  expect(rangesWithout(100, [range(50, 60), range(0, 10), range(55, 70)])).toEqual([range(10, 50), range(70, 100)]);
  expect(rangesWithout(100, [range(20, 100)])).toEqual([range(0, 20)]);
});

describe('a stored map', () => {
  test('is read back as it was, and has one length whatever has arrived', () => {
    const map = mapOf(0, 3, 9);
    expect(decodeChunkMap(encodeChunkMap(map), FILE)).toEqual(map);
    expect(encodeChunkMap(map).length).toBe(encodeChunkMap(emptyChunkMap(FILE)).length);
  });

  test.for<[string, (encoded: Uint8Array<ArrayBuffer>) => Uint8Array, { bytes: number; origin: string }]>([
    ['another size', (encoded) => encoded, { ...FILE, bytes: FILE.bytes + 1 }],
    ['many more blocks', (encoded) => encoded, { ...FILE, bytes: 50 * BLOCK_BYTES }],
    ['another origin', (encoded) => encoded, { ...FILE, origin: 'sha256:ac' }],
    ['a longer origin', (encoded) => encoded, { ...FILE, origin: 'sha256:abc' }],
    ['a cut', (encoded) => encoded.subarray(0, -1), FILE],
    ['nothing in it', () => new Uint8Array(), FILE],
    ['another version', (encoded) => encoded.with(4, 9) as Uint8Array<ArrayBuffer>, FILE],
    ['another block size', (encoded) => encoded.with(10, 1), FILE],
  ])('is refused for %s', ([, change, expected]) => {
    const encoded = encodeChunkMap(mapOf(0, 3));
    expect(() => decodeChunkMap(change(encoded), expected)).toThrowError(
      expect.objectContaining({ code: 'file-invalid' }),
    );
  });
});
