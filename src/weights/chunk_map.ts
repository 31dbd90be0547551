/**
 * Which blocks of a file have arrived: one bit for each MiB. It is kept beside
 * the bytes, and says for which file it was made, so that it can be refused when
 * another file came to lie in its place.
 */
import { AppError } from '../core/errors';

export const BLOCK_BYTES = 2 ** 20;

/** Bytes [beginByte, endByte) of a file. */
export interface ByteRange {
  readonly beginByte: number;
  readonly endByte: number;
}

/** What file a map is of. With another size, or other contents at its origin, it is another file. */
export interface FileIdentity {
  readonly bytes: number;
  /** Its sha256; its address where the origin tells none. */
  readonly origin: string;
}

export interface ChunkMap extends FileIdentity {
  /** Bit b % 8 of byte ⌊b / 8⌋ is block b. */
  readonly bits: Uint8Array<ArrayBuffer>;
}

export const emptyChunkMap = ({ bytes, origin }: FileIdentity): ChunkMap => ({
  bytes,
  origin,
  bits: new Uint8Array(Math.ceil(blockCount(bytes) / 8)),
});

const blockCount = (bytes: number) => Math.ceil(bytes / BLOCK_BYTES);

const has = ({ bits }: ChunkMap, block: number) => ((bits[block >> 3]! >> (block & 7)) & 1) === 1;

/** Marks the blocks that lie wholly in the range; the file's last block may be a short one. */
export function mark(map: ChunkMap, { beginByte, endByte }: ByteRange): void {
  const end = endByte >= map.bytes ? blockCount(map.bytes) : Math.floor(endByte / BLOCK_BYTES);
  for (let block = Math.ceil(beginByte / BLOCK_BYTES); block < end; block++) map.bits[block >> 3]! |= 1 << (block & 7);
}

/** Unmarks every block that does not end within the first `byte` bytes. Returns whether there was one. */
export function forgetFrom(map: ChunkMap, byte: number): boolean {
  const first = byte >= map.bytes ? blockCount(map.bytes) : Math.floor(byte / BLOCK_BYTES);
  let forgot = false;
  for (let block = first; block < blockCount(map.bytes); block++) {
    forgot ||= has(map, block);
    map.bits[block >> 3]! &= ~(1 << (block & 7));
  }
  return forgot;
}

/** The range in pieces, each wholly there or wholly missing. They end at block borders, and where the range ends. */
export function runs(map: ChunkMap, { beginByte, endByte }: ByteRange): (ByteRange & { present: boolean })[] {
  const found: { beginByte: number; endByte: number; present: boolean }[] = [];
  for (let begin = beginByte; begin < endByte; ) {
    const block = Math.floor(begin / BLOCK_BYTES);
    const end = Math.min((block + 1) * BLOCK_BYTES, endByte);
    const present = has(map, block);
    const last = found.at(-1);
    if (last?.present === present) last.endByte = end;
    else found.push({ beginByte: begin, endByte: end, present });
    begin = end;
  }
  return found;
}

/** What is still to be fetched, in whole blocks, so that a range that ends inside one takes all of it. */
export function missingRanges(map: ChunkMap, wanted: readonly ByteRange[]): ByteRange[] {
  return inBlocks(wanted, map.bytes)
    .flatMap((range) => runs(map, range))
    .filter(({ present }) => !present)
    .map(({ beginByte, endByte }) => ({ beginByte, endByte }));
}

/** Bytes that are there, of the blocks that `wanted` touches. */
export function presentBytes(map: ChunkMap, wanted: readonly ByteRange[]): number {
  return wantedBytes(map.bytes, wanted) - total(missingRanges(map, wanted));
}

/** Bytes of all blocks that `wanted` touches: what `presentBytes` comes to in the end. */
export const wantedBytes = (fileBytes: number, wanted: readonly ByteRange[]): number =>
  total(inBlocks(wanted, fileBytes));

export const wholeFile = (fileBytes: number): ByteRange[] => [{ beginByte: 0, endByte: fileBytes }];

/** The file without some ranges of it, such as an embedding table of which only rows are ever read. */
export function rangesWithout(fileBytes: number, unwanted: readonly ByteRange[]): ByteRange[] {
  const rest: ByteRange[] = [];
  let beginByte = 0;
  for (const hole of sorted(unwanted)) {
    if (hole.beginByte > beginByte) rest.push({ beginByte, endByte: hole.beginByte });
    beginByte = Math.max(beginByte, hole.endByte);
  }
  if (beginByte < fileBytes) rest.push({ beginByte, endByte: fileBytes });
  return rest;
}

const sorted = (ranges: readonly ByteRange[]) => ranges.toSorted((a, b) => a.beginByte - b.beginByte);

const total = (ranges: readonly ByteRange[]) =>
  ranges.reduce((sum, { beginByte, endByte }) => sum + endByte - beginByte, 0);

/** Grown outwards to whole blocks, in order, and joined where they touch. */
function inBlocks(ranges: readonly ByteRange[], fileBytes: number): ByteRange[] {
  const grown: { beginByte: number; endByte: number }[] = [];
  for (const range of sorted(ranges)) {
    if (range.beginByte >= range.endByte) continue;
    const beginByte = Math.floor(range.beginByte / BLOCK_BYTES) * BLOCK_BYTES;
    const endByte = Math.min(Math.ceil(range.endByte / BLOCK_BYTES) * BLOCK_BYTES, fileBytes);
    const last = grown.at(-1);
    if (last && beginByte <= last.endByte) last.endByte = Math.max(last.endByte, endByte);
    else grown.push({ beginByte, endByte });
  }
  return grown;
}

/** 'WSmp', version, bytes of a block, bytes of the origin, bytes of the file (f64); all little-endian. */
const MAGIC = 0x706d5357;
const VERSION = 1;
const FIXED_BYTES = 24;

/** The map as it is stored: header, origin in UTF-8, bits. Its length depends on the file alone. */
export function encodeChunkMap(map: ChunkMap): Uint8Array<ArrayBuffer> {
  const origin = new TextEncoder().encode(map.origin);
  const encoded = new Uint8Array(FIXED_BYTES + origin.length + map.bits.length);
  const header = new DataView(encoded.buffer);
  [MAGIC, VERSION, BLOCK_BYTES, origin.length].forEach((value, i) => header.setUint32(4 * i, value, true));
  header.setFloat64(16, map.bytes, true);
  encoded.set(origin, FIXED_BYTES);
  encoded.set(map.bits, FIXED_BYTES + origin.length);
  return encoded;
}

/** Throws file-invalid where the bytes are no map, or that of another file than `expected`. */
export function decodeChunkMap(encoded: Uint8Array, expected: FileIdentity): ChunkMap {
  const fresh = emptyChunkMap(expected);
  const own = encodeChunkMap(fresh);
  const headerBytes = own.length - fresh.bits.length;
  if (encoded.length !== own.length)
    throw new AppError(
      'file-invalid',
      `The list of stored blocks has ${encoded.length} bytes; that of a file of ${expected.bytes} has ${own.length}. The file is to be downloaded again.`,
    );
  const differing = own.subarray(0, headerBytes).findIndex((byte, i) => byte !== encoded[i]);
  if (differing >= 0)
    throw new AppError(
      'file-invalid',
      `The list of stored blocks was made for another file or version than ${expected.origin} of ${expected.bytes} bytes (byte ${differing} of its header differs). The file is to be downloaded again.`,
    );
  fresh.bits.set(encoded.subarray(headerBytes));
  return fresh;
}
