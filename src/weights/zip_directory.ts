/**
 * The directory of a ZIP archive: which members it has and between which bytes they lie.
 *
 * Zip64 as far as it is needed for archives beyond 4 GiB. Layout: PKWARE's APPNOTE, sections 4.3 and 4.5.3.
 */
import { excerpt } from '../core/errors';
import type { ByteSource } from './byte_source';
import { invalid, utf8 } from './torch_objects';

export interface ZipMember {
  readonly name: string;
  /** 0: stored as it is. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly bytes: number;
  /** Of the local header; the data come after it. */
  readonly beginByte: number;
  /** Where the next member begins, or the directory. */
  readonly endByte: number;
  /** As the directory has it: what the local header begins with, before the data. */
  readonly nameBytes: number;
}

/** The end record, a comment of full length, and the directory of a checkpoint of a thousand tensors. */
const TAIL_BYTES = 192 * 1024;
/** A hundred times the directory of the text encoder. */
const MAX_DIRECTORY_BYTES = 8 * 1024 * 1024;

const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_LOCATOR_BYTES = 20;
const ZIP64_END = 0x06064b50;
const ZIP64_END_BYTES = 56;
const MEMBER = 0x02014b50;
const MEMBER_BYTES = 46;
const ZIP64_FIELD = 1;
/** In a field of 32 bits: look in the zip64 field. */
const ELSEWHERE = 0xffffffff;

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Members in the order of their bytes. One request, two where the directory is long. Throws file-invalid. */
export async function readZipDirectory(source: ByteSource, signal?: AbortSignal): Promise<ZipMember[]> {
  const tailBegin = Math.max(0, source.bytes - TAIL_BYTES);
  const tail = await source.read(tailBegin, source.bytes, signal);
  const { begin, bytes, count } = endRecord(tail, tailBegin);
  if (begin + bytes > source.bytes)
    throw invalid(`its directory lies in bytes ${begin}–${begin + bytes}, the file ends at ${source.bytes}`);
  if (bytes > MAX_DIRECTORY_BYTES)
    throw invalid(`its directory takes ${bytes} bytes, at most ${MAX_DIRECTORY_BYTES} are read`);
  if (count * MEMBER_BYTES > bytes) throw invalid(`its directory of ${bytes} bytes cannot list ${count} members`);
  const directory =
    begin >= tailBegin
      ? tail.subarray(begin - tailBegin, begin - tailBegin + bytes)
      : await source.read(begin, begin + bytes, signal);
  return placed(parseDirectory(directory, count), begin);
}

interface EndRecord {
  readonly begin: number;
  readonly bytes: number;
  readonly count: number;
}

function endRecord(tail: Uint8Array, tailBegin: number): EndRecord {
  const view = viewOf(tail);
  let at = tail.length - END_BYTES;
  const first = Math.max(0, at - MAX_COMMENT_BYTES);
  while (at >= first && view.getUint32(at, true) !== END) at--;
  if (at < first) throw invalid('its directory is missing at the end. Is it cut off?');
  const record = {
    count: view.getUint16(at + 10, true),
    bytes: view.getUint32(at + 12, true),
    begin: view.getUint32(at + 16, true),
  };
  const locator = at - ZIP64_LOCATOR_BYTES;
  if (locator < 0 || view.getUint32(locator, true) !== ZIP64_LOCATOR) return record;
  const end64 = u64(view, locator + 8) - tailBegin;
  if (!(end64 >= 0 && end64 + ZIP64_END_BYTES <= tail.length) || view.getUint32(end64, true) !== ZIP64_END)
    throw invalid(`its zip64 record is not at byte ${end64 + tailBegin}, where its end points`);
  return { count: u64(view, end64 + 32), bytes: u64(view, end64 + 40), begin: u64(view, end64 + 48) };
}

type Listed = Omit<ZipMember, 'endByte'>;

function parseDirectory(directory: Uint8Array, count: number): Listed[] {
  const view = viewOf(directory);
  const members: Listed[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + MEMBER_BYTES > directory.length || view.getUint32(at, true) !== MEMBER)
      throw invalid(`member ${i} of ${count} is not in its directory`);
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const extraAt = at + MEMBER_BYTES + nameBytes;
    const next = extraAt + extraBytes + view.getUint16(at + 32, true);
    if (next > directory.length) throw invalid(`member ${i} of ${count} goes beyond its directory`);
    const large = zip64Numbers(view, extraAt, extraAt + extraBytes);
    // The field holds only those that did not fit, in this order.
    const [whole, , offset] = [24, 20, 42].map((field) => {
      const value = view.getUint32(at + field, true);
      if (value !== ELSEWHERE) return value;
      const found = large.shift();
      if (found === undefined) throw invalid(`member ${i} has a size beyond 4 GiB that is nowhere`);
      return found;
    });
    members.push({
      name: utf8(directory.subarray(at + MEMBER_BYTES, extraAt)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      bytes: whole!,
      beginByte: offset!,
      nameBytes,
    });
    at = next;
  }
  return members;
}

function zip64Numbers(view: DataView, begin: number, end: number): number[] {
  for (let at = begin; at + 4 <= end; ) {
    const fieldEnd = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === ZIP64_FIELD && fieldEnd <= end) {
      const numbers: number[] = [];
      for (let number = at + 4; number + 8 <= fieldEnd; number += 8) numbers.push(u64(view, number));
      return numbers;
    }
    at = fieldEnd;
  }
  return [];
}

/** Members that lie one after the other cannot overlap. */
function placed(members: readonly Listed[], directoryBegin: number): ZipMember[] {
  const sorted = [...members].sort((a, b) => a.beginByte - b.beginByte);
  const names = new Set<string>();
  return sorted.map((member, i) => {
    const { name, bytes, beginByte } = member;
    if (names.has(name)) throw invalid(`it has two members named "${excerpt(name)}"`);
    names.add(name);
    const endByte = sorted[i + 1]?.beginByte ?? directoryBegin;
    if (beginByte + bytes > endByte)
      throw invalid(
        `"${excerpt(name)}" has ${bytes} bytes from byte ${beginByte} on, but what follows begins at ${endByte}`,
      );
    return { ...member, endByte };
  });
}

/** Inexact beyond 2⁵³, where it is larger than any file. */
const u64 = (view: DataView, at: number) => view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
