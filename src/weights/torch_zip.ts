/**
 * PyTorch's `.pth` and `.pt` files: a ZIP archive of stored members, with a pickle that says which tensors there
 * are (`<root>/data.pkl`) and one member for the bytes of each (`<root>/data/<key>`).
 *
 * Nothing is unpacked: a tensor becomes a range of the archive, to be read like that of any other file. Where the bytes
 * of a member begin stands in front of them, which would be one request each; but PyTorch begins
 * them at multiples of 64 bytes (`caffe2/serialize/inline_container.cc`), so they are computed, and some checked.
 */
import { excerpt } from '../core/errors';
import type { ByteSource } from './byte_source';
import { readPickle } from './pickle';
import { DTYPE_BYTES, type SafetensorsDtype } from './safetensors';
import { type FileTensor, MAX_TENSORS, type TensorFile, typeOfDtype } from './tensor_file';
import { invalid, isKind, nameOf, type Pickled, type PickledMap, type PickledTensor, utf8 } from './torch_objects';
import { readZipDirectory, type ZipMember } from './zip_directory';

/** That of the text encoder, 242 tensors, takes 30 kB. Each byte may put something on a stack, which takes eight in memory. */
const MAX_PICKLE_BYTES = 8 * 1024 * 1024;

const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const ALIGNMENT = 64;
/** What may follow the bytes of a member: nothing, or their checksum and sizes, of 32 or 64 bits, with or without a signature. */
const TRAILER_BYTES: readonly number[] = [0, 12, 16, 20, 24];
/** Members whose begin is read, to know whether the others follow the rule. */
const CHECKED_MEMBERS = 6;
/** Where they do not, all are read, so many at once. */
const READS_IN_FLIGHT = 16;

/** Throws file-invalid, naming whatever is not a plain dictionary of contiguous tensors. */
export async function openTorchZip(source: ByteSource, signal?: AbortSignal): Promise<TensorFile> {
  const members = await readZipDirectory(source, signal);
  const pickles = members.filter(({ name }) => name.endsWith('/data.pkl'));
  const [pickle] = pickles;
  if (!pickle || pickles.length > 1)
    throw invalid(`it has ${pickles.length} members named data.pkl among ${members.length}, a checkpoint has one`);
  const root = pickle.name.slice(0, -'data.pkl'.length);
  const byName = new Map(members.map((member) => [member.name, member]));

  const order = byName.get(`${root}byteorder`);
  if (order && utf8(await readMember(source, order, signal)) !== 'little') throw invalid('its numbers are big-endian');
  const tensors = tensorsOf(readPickle(await readMember(source, pickle, signal)));
  const storages = new Map<string, ZipMember>();
  for (const tensor of tensors.values()) {
    // Once for each: a pickle may recall one long key for all of its tensors.
    const stored = storages.get(tensor.storage) ?? member(byName, root, tensor.storage);
    checkBytes(stored, tensor);
    storages.set(tensor.storage, stored);
  }
  const begins = await dataBegins(source, [...new Set(storages.values())], signal);

  const placed = [...tensors].map(([name, tensor]): [string, FileTensor] => {
    const stored = storages.get(tensor.storage)!;
    return [name, place(name, tensor, stored, begins.get(stored)!)];
  });
  placed.sort(([, a], [, b]) => a.beginByte - b.beginByte);
  return { source, format: 'pth', tensors: new Map(placed), metadata: {} };
}

/** The dictionary of tensors, which may be the only dictionary in another one, as `state_dict` often is. */
function tensorsOf(pickled: Pickled): Map<string, PickledTensor> {
  if (!(pickled instanceof Map)) throw invalid(`it holds ${nameOf(pickled)}, not a dictionary of tensors`);
  const inner = [...pickled.values()].filter((value): value is PickledMap => value instanceof Map);
  const own = [...pickled].filter((pair): pair is [string, PickledTensor] => isKind(pair[1], 'tensor'));
  const found =
    own.length > 0 || inner.length !== 1
      ? own
      : [...inner[0]!].filter((pair): pair is [string, PickledTensor] => isKind(pair[1], 'tensor'));
  if (found.length === 0 || found.length > MAX_TENSORS)
    throw invalid(`it holds ${found.length} tensors among ${pickled.size} entries, at most ${MAX_TENSORS} are read`);
  return new Map(found);
}

function member(byName: ReadonlyMap<string, ZipMember>, root: string, storage: string): ZipMember {
  const found = byName.get(`${root}data/${storage}`);
  if (!found) throw invalid(`it has no member data/${nameOf(storage)}, which a tensor lies in`);
  refusePacked(found);
  return found;
}

function checkBytes(stored: ZipMember, { storageElements, dtype }: PickledTensor): void {
  const bytes = storageElements * DTYPE_BYTES[dtype as SafetensorsDtype];
  if (stored.bytes !== bytes)
    throw invalid(
      `"${excerpt(stored.name)}" has ${stored.bytes} bytes, ${storageElements} elements of ${dtype} take ${bytes}`,
    );
}

function refusePacked({ name, method, encrypted }: ZipMember): void {
  if (method !== 0 || encrypted)
    throw invalid(
      `"${excerpt(name)}" is ${encrypted ? 'encrypted' : `compressed (method ${method})`}, so its tensors cannot be read in ranges. Save it with torch.save`,
    );
}

/** Row-major, without gaps: the stride of a dimension is the product of those after it. */
function place(name: string, tensor: PickledTensor, { bytes }: ZipMember, dataBegin: number): FileTensor {
  const { dtype, offset, shape, stride } = tensor;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected)
      throw invalid(
        `tensor "${excerpt(name)}" of shape [${shape.join(', ')}] has strides [${stride.join(', ')}], so it is not contiguous. Save it after .contiguous()`,
      );
    expected *= shape[axis]!;
  }
  const elementBytes = DTYPE_BYTES[dtype as SafetensorsDtype];
  const end = (offset + expected) * elementBytes;
  if (end > bytes) throw invalid(`tensor "${excerpt(name)}" ends at byte ${end} of its storage, which has ${bytes}`);
  const beginByte = dataBegin + offset * elementBytes;
  return { dtype, type: typeOfDtype(dtype), shape, beginByte, endByte: beginByte + expected * elementBytes };
}

/** Where the bytes of each member begin: by the rule where all that are checked follow it, else by reading each. */
async function dataBegins(
  source: ByteSource,
  members: readonly ZipMember[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<ZipMember, number>> {
  const computed = members.map(alignedBegin);
  const step = Math.max(1, Math.floor((members.length - 1) / (CHECKED_MEMBERS - 1)));
  const checked = members.map((_, i) => i).filter((i) => i % step === 0 || i === members.length - 1);
  const known = computed.every((begin) => begin !== null);
  if (known) {
    const read = await Promise.all(checked.map((i) => localBegin(source, members[i]!, signal)));
    if (checked.every((i, n) => computed[i] === read[n])) return new Map(members.map((m, i) => [m, computed[i]!]));
  }
  const begins = new Map<ZipMember, number>();
  for (let first = 0; first < members.length; first += READS_IN_FLIGHT) {
    const some = members.slice(first, first + READS_IN_FLIGHT);
    const read = await Promise.all(some.map((one) => localBegin(source, one, signal)));
    some.forEach((one, i) => begins.set(one, read[i]!));
  }
  return begins;
}

/** The only multiple of 64 that leaves room for one of the trailers; null where there is none. */
function alignedBegin({ beginByte, endByte, bytes, nameBytes }: ZipMember): number | null {
  const begin = Math.floor((endByte - bytes) / ALIGNMENT) * ALIGNMENT;
  const fits = begin >= beginByte + LOCAL_HEADER_BYTES + nameBytes && TRAILER_BYTES.includes(endByte - bytes - begin);
  return fits ? begin : null;
}

async function localBegin(source: ByteSource, stored: ZipMember, signal: AbortSignal | undefined): Promise<number> {
  const { name, beginByte, endByte, bytes } = stored;
  const header = await source.read(beginByte, Math.min(beginByte + LOCAL_HEADER_BYTES, endByte), signal);
  const begin = beginByte + localHeaderBytes(name, header);
  if (begin + bytes > endByte)
    throw invalid(`"${excerpt(name)}" lies in bytes ${begin}–${begin + bytes}, but what follows begins at ${endByte}`);
  return begin;
}

function localHeaderBytes(name: string, header: Uint8Array): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== LOCAL_HEADER)
    throw invalid(`"${excerpt(name)}" does not begin where its directory says`);
  return LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
}

/** A small member whole, in one request. */
async function readMember(source: ByteSource, stored: ZipMember, signal?: AbortSignal): Promise<Uint8Array> {
  const { name, beginByte, endByte, bytes } = stored;
  refusePacked(stored);
  if (endByte - beginByte > MAX_PICKLE_BYTES)
    throw invalid(`"${excerpt(name)}" takes ${endByte - beginByte} bytes, at most ${MAX_PICKLE_BYTES} are read`);
  const all = await source.read(beginByte, endByte, signal);
  const begin = localHeaderBytes(name, all);
  if (begin + bytes > all.length)
    throw invalid(`"${excerpt(name)}" has ${bytes} bytes from ${begin} on, but what follows begins at ${all.length}`);
  return all.subarray(begin, begin + bytes);
}
