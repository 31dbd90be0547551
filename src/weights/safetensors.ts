/**
 * The header of a safetensors file: which tensor lies where. Strict, because a
 * header comes from a stranger's URL and every offset in it becomes a range
 * request and a GPU upload.
 *
 *     u64 length │ JSON {name: {dtype, shape, data_offsets}} │ data
 *
 * The rules are those of the format's own reader (github.com/huggingface/safetensors,
 * README "Format"): little-endian, row-major, tensors tile the data area.
 */
import { AppError, excerpt } from '../core/errors';
import { textExtent } from '../core/nesting';
import { MAX_TENSORS } from './tensor_file';

/**
 * The DiT's header of 825 tensors stays near 100 kB, so this leaves room for eighty times as much, and for about a second at
 * most. The format allows 100 MB, which can take ten seconds and two gigabytes to read.
 */
const MAX_HEADER_BYTES = 8_000_000;
/** Shapes lie three deep. What is deeper by thousands takes a hundred times its bytes. */
const MAX_LEVELS = 8;
/** Lists, objects and names: a tensor has seven, and there may be as many names of metadata. */
const MAX_PARTS = 10 * MAX_TENSORS;
/** Convolutions have 5 dimensions; nothing here has more. */
const MAX_RANK = 8;
/** The u64 before the JSON. */
const PREFIX_BYTES = 8;

/** Bytes of one element. Sub-byte types (F4 …) have no row that starts on a byte and are refused by name. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;
export type SafetensorsDtype = keyof typeof DTYPE_BYTES;

export interface SafetensorsTensor {
  readonly dtype: SafetensorsDtype;
  /** Outermost dimension first. Empty for a single value. */
  readonly shape: readonly number[];
  /** From the start of the *file*, ready for a range request; the end is exclusive. */
  readonly beginByte: number;
  readonly endByte: number;
}

export interface SafetensorsHeader {
  /** In the order of the data. */
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** First byte of the data, from the start of the file. */
  readonly dataOffset: number;
}

const invalid = (what: string, options?: ErrorOptions) =>
  new AppError('file-invalid', `Not a usable safetensors file: ${what}.`, options);

/** How many bytes from the start of the file `parseSafetensorsHeader` needs, told by the first eight. */
export function safetensorsHeaderBytes(prefix: Uint8Array, fileBytes: number): number {
  if (prefix.length < PREFIX_BYTES || fileBytes < PREFIX_BYTES) {
    throw invalid(
      `it has ${Math.min(prefix.length, fileBytes)} bytes, the header's length alone takes ${PREFIX_BYTES}`,
    );
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw invalid(`its header claims ${length} bytes, at most ${MAX_HEADER_BYTES} are read`);
  }
  const end = PREFIX_BYTES + Number(length);
  if (end > fileBytes) throw invalid(`its header ends at byte ${end}, the file at byte ${fileBytes}`);
  return end;
}

/** `bytes` is the file's beginning, at least up to the end of the header; `fileBytes` the whole file's size. */
export function parseSafetensorsHeader(bytes: Uint8Array, fileBytes: number): SafetensorsHeader {
  const dataOffset = safetensorsHeaderBytes(bytes, fileBytes);
  if (bytes.length < dataOffset) throw invalid(`its header takes ${dataOffset} bytes, only ${bytes.length} were read`);

  const { __metadata__, ...entries } = parseHeaderObject(bytes.subarray(PREFIX_BYTES, dataOffset));
  const tensors = Object.entries(entries)
    .map(([name, entry]) => [name, parseTensor(name, entry, dataOffset)] as const)
    .sort(([, a], [, b]) => a.beginByte - b.beginByte || a.endByte - b.endByte);
  refuseHolesAndOverlaps(tensors, dataOffset, fileBytes);
  return { tensors: new Map(tensors), metadata: parseMetadata(__metadata__), dataOffset };
}

/** The way back: of a file whose tensors lie in this order, one after another, the data padded to begin on 8 bytes. */
export function writeSafetensorsHeader(
  tensors: readonly (Pick<SafetensorsTensor, 'dtype' | 'shape'> & { readonly name: string })[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  let end = 0;
  const entries = tensors.map(({ name, dtype, shape }) => {
    const begin = end;
    end += shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype]);
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const bytes = new TextEncoder().encode(json);
  const header = new Uint8Array(PREFIX_BYTES + Math.ceil(bytes.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - PREFIX_BYTES), true);
  header.set(bytes, PREFIX_BYTES);
  return header;
}

function parseHeaderObject(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    refuseOutsized(text);
    value = JSON.parse(text);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw invalid(`its ${bytes.length} bytes of header are not JSON`, { cause });
  }
  if (!isObject(value)) throw invalid('its header is not a JSON object');
  const count = Object.keys(value).filter((name) => name !== '__metadata__').length;
  if (count > MAX_TENSORS) throw invalid(`it has ${count} tensors, at most ${MAX_TENSORS} are read`);
  refuseDuplicateKeys(text);
  return value;
}

function refuseOutsized(json: string) {
  const { levels, lists, named } = textExtent(json);
  if (levels > MAX_LEVELS) throw invalid(`its header is nested to ${levels} levels, at most ${MAX_LEVELS} are read`);
  const count = lists + named;
  if (count > MAX_PARTS)
    throw invalid(
      `its header has ${count} lists, objects and names, at most ${MAX_PARTS} are read; ${MAX_TENSORS} tensors have ${7 * MAX_TENSORS}`,
    );
}

/** `JSON.parse` keeps the last of equal keys without a word; two readers could then see two different files. */
function refuseDuplicateKeys(json: string) {
  const open: Set<string>[] = [];
  let [begin, end] = [0, 0];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') [begin, end] = [at, (at = endOfString(json, at))];
    else if (character === '{') open.push(new Set());
    else if (character === '}') open.pop();
    else if (character === ':') {
      const key = JSON.parse(json.slice(begin, end + 1)) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) throw invalid(`its header names "${excerpt(key)}" twice`);
      keys.add(key);
      // The metadata and what no reader knows, by the measure of the tensors.
      if (keys.size > MAX_TENSORS + 1) throw invalid(`its header has more than ${MAX_TENSORS} names in one object`);
    }
  }
}

/** Not by a pattern: one that goes over escapes takes the stack for each of them. */
function endOfString(json: string, begin: number): number {
  let at = begin + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}

function parseTensor(name: string, entry: unknown, dataOffset: number): SafetensorsTensor {
  const refuse = (what: string) => invalid(`tensor "${excerpt(name)}" ${what}`);
  if (!isObject(entry)) throw refuse('has no description');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype)) {
    throw refuse(`has type ${brief(dtype)}, known are ${Object.keys(DTYPE_BYTES).join(', ')}`);
  }
  if (!isCounts(shape)) throw refuse(`has shape ${brief(shape)}, not a list of whole numbers`);
  if (shape.length > MAX_RANK) throw refuse(`has ${shape.length} dimensions, at most ${MAX_RANK} are read`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw refuse(`has offsets ${brief(offsets)}, not a begin and an end`);
  }
  const [begin, end] = offsets as [number, number];
  const expected = shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype as SafetensorsDtype]);
  if (end - begin !== expected) {
    throw refuse(`spans ${end - begin} bytes, ${dtype} [${shape.join(', ')}] takes ${expected}`);
  }
  return { dtype: dtype as SafetensorsDtype, shape, beginByte: dataOffset + begin, endByte: dataOffset + end };
}

/** Every byte of the data belongs to exactly one tensor. */
function refuseHolesAndOverlaps(
  sorted: readonly (readonly [string, SafetensorsTensor])[],
  dataOffset: number,
  fileBytes: number,
) {
  let position = dataOffset;
  for (const [name, { beginByte, endByte }] of sorted) {
    if (beginByte !== position) {
      const kind = beginByte < position ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw invalid(`tensor "${excerpt(name)}" ${kind}: it begins at byte ${beginByte}, expected ${position}`);
    }
    position = endByte;
  }
  if (position !== fileBytes) throw invalid(`its tensors end at byte ${position}, the file at byte ${fileBytes}`);
}

function parseMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value)) throw invalid('its __metadata__ is not an object');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw invalid(`its __metadata__ "${excerpt(key)}" is a ${typeof text}, not a string`);
  }
  return value as Record<string, string>;
}

/** Short and soon, whatever it is: lists may be long, and lists within lists too deep to be written out. */
function brief(value: unknown): string {
  if (Array.isArray(value))
    return value.length <= MAX_RANK && value.every((item) => typeof item === 'number')
      ? `[${value.join(', ')}]`
      : `a list of ${value.length}`;
  return isObject(value) ? 'an object' : excerpt(String(JSON.stringify(value)));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
