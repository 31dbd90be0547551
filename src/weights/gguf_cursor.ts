/**
 * Reads the primitives of a GGUF header, one after the other, from the part of it that is there.
 *
 * Where it ends, `CutOff` says how much is needed; the reader starts again with more. All
 * numbers are little-endian; a text is its length as u64, then UTF-8.
 */
import { AppError, excerpt } from '../core/errors';
import type { MetadataList, MetadataValue } from './tensor_file';

/** The vocabulary of 256,000 pieces makes 7 MB; the largest known ones, with their merges, some 20 MB. */
export const MAX_HEADER_BYTES = 64 * 1024 * 1024;
/** Lists of lists are allowed by the format and used by nobody; deeper ones only by who means harm. */
const MAX_DEPTH = 4;
/** In all the lists of a header: empty ones take 12 bytes each, of which 64 MiB hold millions. */
const MAX_INNER_LISTS = 30_000;
/** Of all keys and tensors together, 200 for each of the most that are read. Those of Wan2.2 take 40,000. */
const MAX_NAMES_BYTES = 4 * 1024 * 1024;

export const invalid = (what: string) => new AppError('file-invalid', `Not a usable GGUF file: ${what}.`);

/** The header goes on beyond the bytes that were read. */
export class CutOff extends Error {
  constructor(readonly neededBytes: number) {
    super(`needs ${neededBytes} bytes`);
  }
}

type Scalar = number | bigint | boolean;
type ReadScalar = (view: DataView, at: number) => Scalar;

/** Exact as a number, or a bigint. */
const exact = (value: bigint) => (BigInt.asIntN(54, value) === value ? Number(value) : value);

const STRING = 8;
const LIST = 9;
/** By the format's number of the value type: bytes, and how to read one. */
const SCALARS: Readonly<Record<number, readonly [bytes: number, read: ReadScalar]>> = {
  0: [1, (view, at) => view.getUint8(at)],
  1: [1, (view, at) => view.getInt8(at)],
  2: [2, (view, at) => view.getUint16(at, true)],
  3: [2, (view, at) => view.getInt16(at, true)],
  4: [4, (view, at) => view.getUint32(at, true)],
  5: [4, (view, at) => view.getInt32(at, true)],
  6: [4, (view, at) => view.getFloat32(at, true)],
  7: [1, (view, at) => view.getUint8(at) !== 0],
  10: [8, (view, at) => exact(view.getBigUint64(at, true))],
  11: [8, (view, at) => exact(view.getBigInt64(at, true))],
  12: [8, (view, at) => view.getFloat64(at, true)],
};

const LENIENT = new TextDecoder('utf-8', { ignoreBOM: true });
const STRICT = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

export interface GgufCursor {
  /** Bytes read so far, from the start of the file. */
  readonly position: number;
  u32(): number;
  /** Inexact beyond 2⁵³, where it is larger than anything it can count. */
  u64(): number;
  /** A u64 that counts something: at most `most`. */
  count(what: string, most: number): number;
  /** A name of at most `mostBytes`, in strict UTF-8. All of them together have a limit too. */
  name(what: string, mostBytes: number): string;
  /** A metadata value, of the type that the format gives this number. */
  value(key: string, type: number): MetadataValue;
}

/** `bytes`: the start of the file, as far as it was read. `fileBytes`: all of it. */
export function ggufCursor(bytes: Uint8Array<ArrayBuffer>, fileBytes: number): GgufCursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;
  let innerLists = 0;
  let namesBytes = 0;

  /** Moves on by `length` bytes; where they began. */
  function take(length: number): number {
    const [begin, end] = [position, position + length];
    if (end > fileBytes) throw invalid(`its header goes on to byte ${end}, the file ends at ${fileBytes}`);
    if (end > MAX_HEADER_BYTES)
      throw invalid(`its header goes on to byte ${end}, at most ${MAX_HEADER_BYTES} are read`);
    if (end > bytes.length) throw new CutOff(end);
    position = end;
    return begin;
  }

  const u32 = () => view.getUint32(take(4), true);

  const u64 = () => {
    const at = take(8);
    return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  };

  function count(what: string, most: number): number {
    const value = u64();
    if (value > most) throw invalid(`${what} is ${value}, at most ${most} are read`);
    return value;
  }

  const text = (decoder: TextDecoder, length: number) => {
    const begin = take(length);
    return decoder.decode(bytes.subarray(begin, begin + length));
  };

  /** The type of a list's items and their number. */
  const listHead = (key: string) =>
    [u32(), count(`the length of the list "${excerpt(key)}"`, MAX_HEADER_BYTES)] as const;

  function skipItems(key: string, type: number, length: number, depth: number): void {
    const scalar = SCALARS[type];
    if (scalar) take(length * scalar[0]);
    else if (type === STRING) for (let i = 0; i < length; i++) take(u64());
    else if (type === LIST) skipLists(key, length, depth);
    else throw unknown(key, type);
  }

  function skipLists(key: string, length: number, depth: number): void {
    if (depth === MAX_DEPTH)
      throw invalid(`"${excerpt(key)}" has lists in lists in lists, at most ${MAX_DEPTH} deep are read`);
    innerLists += length;
    if (innerLists > MAX_INNER_LISTS)
      throw invalid(`up to "${excerpt(key)}" it has ${innerLists} lists in lists, at most ${MAX_INNER_LISTS} are read`);
    for (let i = 0; i < length; i++) skipItems(key, ...listHead(key), depth + 1);
  }

  function value(key: string, type: number): MetadataValue {
    const scalar = SCALARS[type];
    if (scalar) return scalar[1](view, take(scalar[0]));
    if (type === STRING) return text(LENIENT, u64());
    if (type !== LIST) throw unknown(key, type);
    const begin = position;
    const [itemType, length] = listHead(key);
    skipItems(key, itemType, length, 1);
    return lazyList(key, length, bytes.slice(begin, position));
  }

  return {
    get position() {
      return position;
    },
    u32,
    u64,
    count,
    value,
    name(what, mostBytes) {
      const length = count(`the length of ${what}`, mostBytes);
      namesBytes += length;
      if (namesBytes > MAX_NAMES_BYTES)
        throw invalid(`up to ${what} its names take ${namesBytes} bytes, at most ${MAX_NAMES_BYTES} are read`);
      try {
        return text(STRICT, length);
      } catch (failure) {
        if (failure instanceof TypeError) throw invalid(`${what} is not UTF-8`);
        throw failure;
      }
    },
  };
}

/** `bytes` are the list's own, so that the rest of the header can be forgotten. */
function lazyList(key: string, length: number, bytes: Uint8Array<ArrayBuffer>): MetadataList {
  return {
    length,
    values() {
      const cursor = ggufCursor(bytes, bytes.length);
      const type = cursor.u32();
      cursor.u64();
      return Array.from({ length }, () => cursor.value(key, type));
    },
  };
}

const unknown = (key: string, type: number) =>
  invalid(
    `"${excerpt(key)}" has a value of type ${type}, the format knows 0 to ${Math.max(...Object.keys(SCALARS).map(Number))}`,
  );
