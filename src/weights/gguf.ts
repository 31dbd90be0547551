/**
 * GGUF files, versions 2 and 3: which tensor lies where, and the metadata.
 *
 *     "GGUF" │ u32 version │ u64 tensors │ u64 pairs │ pairs: key, type, value │ tensors: name,
 *     dimensions innermost first, type, offset │ padding to `general.alignment` │ data
 *
 * Specification: ggml's `docs/gguf.md`. A tensor may have more dimensions than the four ggml itself
 * takes: the patch embedding has five. Nothing before the data says how long the header is, so
 * it is read in growing ranges.
 */
import { excerpt } from '../core/errors';
import type { ByteSource } from './byte_source';
import { ggmlType } from './ggml_types';
import { CutOff, type GgufCursor, ggufCursor, invalid, MAX_HEADER_BYTES } from './gguf_cursor';
import { type FileTensor, MAX_TENSORS, type MetadataValue, metadataExcerpt, type TensorFile } from './tensor_file';

export const GGUF_MAGIC = 'GGUF';
/** Version 1 counted in 32 bits and was replaced within weeks; above 3 nobody knows. */
const VERSIONS: readonly number[] = [2, 3];
/** Files have a few dozen. */
const MAX_PAIRS = 10_000;
/** What the specification allows a key. Names of tensors have 64 there, but converters write longer ones. */
const MAX_NAME_BYTES = 65_535;
/** As in safetensors. */
const MAX_RANK = 8;
/** The specification's default, and a page more than anyone aligns to. */
const DEFAULT_ALIGNMENT = 32;
const MAX_ALIGNMENT = 1024 * 1024;

/** Holds the header of a network without a tokenizer. */
const FIRST_READ_BYTES = 256 * 1024;
/** The next read reaches so far at least, most vocabularies' end; each later one doubles what there is. */
const SECOND_END_BYTES = 8 * 1024 * 1024;

export interface GgufHeader {
  readonly tensors: ReadonlyMap<string, FileTensor>;
  readonly metadata: Readonly<Record<string, MetadataValue>>;
}

/** Throws file-invalid with the reason. Reads 256 KiB, then up to 8, 16, 32 and 64 MiB as the header asks. */
export async function openGguf(source: ByteSource, signal?: AbortSignal): Promise<TensorFile> {
  let bytes = await source.read(0, Math.min(FIRST_READ_BYTES, source.bytes), signal);
  for (;;) {
    const header = parseGgufHeader(bytes, source.bytes);
    if (typeof header !== 'number') return { source, format: 'gguf', ...header };
    // `header` bytes are needed: at most 64 MiB, or the file would have been refused.
    const wanted = Math.max(2 * bytes.length, SECOND_END_BYTES);
    const end = Math.max(header, Math.min(wanted, source.bytes, MAX_HEADER_BYTES));
    const more = await source.read(bytes.length, end, signal);
    const all = new Uint8Array(end);
    all.set(bytes);
    all.set(more, bytes.length);
    bytes = all;
  }
}

/**
 * `bytes`: the start of the file. Returns how many bytes of it are needed at least where these are too few.
 * Each attempt begins at the beginning: with ranges that double, all of them together are two passes.
 */
export function parseGgufHeader(bytes: Uint8Array<ArrayBuffer>, fileBytes: number): GgufHeader | number {
  try {
    return parse(ggufCursor(bytes, fileBytes), fileBytes);
  } catch (failure) {
    if (failure instanceof CutOff) return failure.neededBytes;
    throw failure;
  }
}

interface TensorInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly typeId: number;
  /** From the start of the data. */
  readonly offset: number;
}

function parse(cursor: GgufCursor, fileBytes: number): GgufHeader {
  const magic = cursor.u32();
  if (magic !== 0x46554747) throw invalid(`it begins with ${magic.toString(16)}, not with "${GGUF_MAGIC}"`);
  const version = cursor.u32();
  if (!VERSIONS.includes(version))
    throw invalid(`it is of version ${version}, read are ${VERSIONS.join(' and ')} in little-endian order`);
  const tensorCount = cursor.count('the number of tensors', MAX_TENSORS);
  const pairCount = cursor.count('the number of metadata pairs', MAX_PAIRS);

  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < pairCount; i++) {
    const key = cursor.name(`key ${i}`, MAX_NAME_BYTES);
    if (metadata.has(key)) throw invalid(`its metadata has "${excerpt(key)}" twice`);
    metadata.set(key, cursor.value(key, cursor.u32()));
  }
  const infos = Array.from({ length: tensorCount }, (_, i) => tensorInfo(cursor, i));

  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  const isPower = typeof alignment === 'number' && Number.isInteger(alignment) && !(alignment & (alignment - 1));
  if (!isPower || alignment < 1 || alignment > MAX_ALIGNMENT)
    throw invalid(`its alignment is ${metadataExcerpt(alignment)}, not a power of two up to ${MAX_ALIGNMENT}`);
  const dataOffset = Math.ceil(cursor.position / alignment) * alignment;
  return {
    tensors: place(infos, dataOffset, alignment, fileBytes),
    metadata: Object.fromEntries(metadata),
  };
}

function tensorInfo(cursor: GgufCursor, index: number): TensorInfo {
  const name = cursor.name(`the name of tensor ${index}`, MAX_NAME_BYTES);
  const rank = cursor.u32();
  if (rank > MAX_RANK) throw invalid(`tensor "${excerpt(name)}" has ${rank} dimensions, at most ${MAX_RANK} are read`);
  const shape = Array.from({ length: rank }, () =>
    cursor.count(`a dimension of tensor "${excerpt(name)}"`, 2 ** 32),
  ).reverse();
  const typeId = cursor.u32();
  return {
    name,
    shape,
    typeId,
    offset: cursor.count(`the offset of tensor "${excerpt(name)}"`, Number.MAX_SAFE_INTEGER),
  };
}

/** From offsets to ranges of the file, in the order of the data. Gaps are padding; overlaps are refused. */
function place(
  infos: readonly TensorInfo[],
  dataOffset: number,
  alignment: number,
  fileBytes: number,
): Map<string, FileTensor> {
  const sorted = [...infos].sort((a, b) => a.offset - b.offset);
  const tensors = new Map<string, FileTensor>();
  sorted.forEach(({ name, shape, typeId, offset }, i) => {
    const refuse = (what: string) => invalid(`tensor "${excerpt(name)}" ${what}`);
    if (tensors.has(name)) throw invalid(`it has two tensors named "${excerpt(name)}"`);
    if (offset % alignment) throw refuse(`begins at byte ${offset} of the data, not at a multiple of ${alignment}`);
    const { dtype, type, block } = ggmlType(typeId);
    const beginByte = dataOffset + offset;
    const next = sorted[i + 1];
    const limit = next ? dataOffset + next.offset : fileBytes;
    const depth = shape.at(-1) ?? 1;
    if (block && depth % block.elements)
      throw refuse(`has rows of ${depth} elements, ${dtype} takes whole blocks of ${block.elements}`);
    // Of a type nobody knows the next tensor tells the end.
    const bytes = block && (shape.reduce((product, size) => product * size, 1) / block.elements) * block.bytes;
    const endByte = bytes === null ? limit : beginByte + bytes;
    if (beginByte > fileBytes || endByte > fileBytes)
      throw refuse(`lies in bytes ${beginByte}–${endByte}, the file ends at ${fileBytes}. Is it cut off?`);
    if (endByte > limit)
      throw refuse(`takes ${bytes} bytes from byte ${beginByte} on, but "${next!.name}" begins at ${limit}`);
    tensors.set(name, { dtype, type, shape, beginByte, endByte });
  });
  return tensors;
}
