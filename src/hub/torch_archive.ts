/**
 * PyTorch's `.pth` files, as `torch.save` writes them: a pickle that says which tensors there are, and one member of a
 * ZIP archive for the bytes of each.
 */
import { ByteWriter } from './byte_writer';

export interface TorchTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly stride?: readonly number[];
  readonly offset?: number;
  /** Elements of four bytes unless `storageClass` says otherwise. */
  readonly elements: number;
  readonly key: string;
  readonly storageClass?: string;
}

/** Pickle opcodes, as torch.save writes them in protocol 2. */
export class PickleWriter extends ByteWriter {
  str(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.u8(0x58).u32(bytes.length).raw(bytes);
  }
  int(value: number): this {
    if (value < 2 ** 31) return this.u8(0x4a).u32(value);
    return this.u8(0x8a).u8(8).u64(value);
  }
  global(module: string, name: string): this {
    return this.text(`c${module}\n${name}\n`);
  }
  ints(values: readonly number[]): this {
    this.text('(');
    for (const value of values) this.int(value);
    return this.text('t');
  }
  tensor({ shape, stride = contiguous(shape), offset = 0, elements, key, storageClass = 'FloatStorage' }: TorchTensor) {
    this.global('torch._utils', '_rebuild_tensor_v2').text('((');
    this.str('storage').global('torch', storageClass).str(key).str('cpu').int(elements).text('tQ');
    return this.int(offset).ints(shape).ints(stride).raw([0x89]).global('collections', 'OrderedDict').text(')RtR');
  }
}

const contiguous = (shape: readonly number[]) =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));

export function torchPickle(tensors: readonly TorchTensor[]): Uint8Array<ArrayBuffer> {
  const to = new PickleWriter().raw([0x80, 2]).global('collections', 'OrderedDict').text(')R(');
  for (const tensor of tensors) to.str(tensor.name).tensor(tensor);
  return to.text('u.').bytes();
}

export interface ArchiveMember {
  readonly name: string;
  /** Only how many bytes where it is a number: they come from elsewhere. */
  readonly data: Uint8Array | number;
  readonly method?: number;
}

export interface ArchiveOptions {
  readonly alignment?: number;
  /** Checksum and sizes after the data instead of before them, as torch.save has it. */
  readonly trailer?: boolean;
  readonly comment?: number;
}

/** What lies from `begin` on; of a member given by its size, the size. */
export interface ArchivePiece {
  readonly begin: number;
  readonly data: ArchiveMember['data'];
}

export interface Archive {
  readonly bytes: number;
  /** In order, without gaps; among them each member's data, in their order. */
  readonly pieces: readonly ArchivePiece[];
}

/**
 * A ZIP archive of stored members, zip64 where it must be (PKWARE APPNOTE 4.3, 4.5.3), as `torch.save` lays it out: data
 * at multiples of 64 bytes. Checksums are zero: they would take all bytes, and readers of ranges cannot check them.
 */
export function torchArchive(
  members: readonly ArchiveMember[],
  { alignment = 64, trailer = true, comment = 0 }: ArchiveOptions = {},
): Archive {
  const pieces: ArchivePiece[] = [];
  let position = 0;
  const put = (writer: ByteWriter) => {
    pieces.push({ begin: position, data: writer.bytes() });
    position += writer.length;
  };
  const directory = new ByteWriter();
  const FLAGS = trailer ? 0x0808 : 0x0800;
  for (const { name: memberName, data, method = 0 } of members) {
    const bytes = typeof data === 'number' ? data : data.length;
    const text = new TextEncoder().encode(memberName);
    const [large, far] = [bytes >= 2 ** 32 - 1, position >= 2 ** 32 - 1];
    const start = position + 30 + text.length + 4 + (large ? 20 : 0);
    const padding = (alignment - (start % alignment)) % alignment;

    directory.u32(0x02014b50).u16(0).u16(45).u16(FLAGS).u16(method).u32(0).u32(0);
    directory.u32(large ? 2 ** 32 - 1 : bytes).u32(large ? 2 ** 32 - 1 : bytes);
    directory
      .u16(text.length)
      .u16(large || far ? 4 + (large ? 16 : 0) + (far ? 8 : 0) : 0)
      .u16(0)
      .u16(0)
      .u16(0)
      .u32(0);
    directory.u32(far ? 2 ** 32 - 1 : position).raw(text);
    if (large || far) directory.u16(1).u16((large ? 16 : 0) + (far ? 8 : 0));
    if (large) directory.u64(bytes).u64(bytes);
    if (far) directory.u64(position);

    const local = new ByteWriter().u32(0x04034b50).u16(45).u16(FLAGS).u16(method).u32(0).u32(0);
    local.u32(large ? 2 ** 32 - 1 : trailer ? 0 : bytes).u32(large ? 2 ** 32 - 1 : trailer ? 0 : bytes);
    local
      .u16(text.length)
      .u16(4 + (large ? 20 : 0) + padding)
      .raw(text);
    if (large) local.u16(1).u16(16).u64(bytes).u64(bytes);
    put(local.text('FB').u16(padding).zeros(padding));
    pieces.push({ begin: position, data });
    position += bytes;
    if (trailer) {
      const sizes = new ByteWriter().u32(0x08074b50).u32(0);
      put(large ? sizes.u64(bytes).u64(bytes) : sizes.u32(bytes).u32(bytes));
    }
  }
  const begin = position;
  put(directory);
  const zip64 = position >= 2 ** 32;
  if (zip64) {
    const end64 = new ByteWriter().u32(0x06064b50).u64(44).u16(45).u16(45).u32(0).u32(0);
    const at = position;
    put(end64.u64(members.length).u64(members.length).u64(directory.length).u64(begin));
    put(new ByteWriter().u32(0x07064b50).u32(0).u64(at).u32(1));
  }
  const end = new ByteWriter().u32(0x06054b50).u16(0).u16(0).u16(members.length).u16(members.length);
  put(
    end
      .u32(directory.length)
      .u32(zip64 ? 2 ** 32 - 1 : begin)
      .u16(comment)
      .zeros(comment),
  );
  return { bytes: position, pieces };
}

/** The members of a file of these tensors: one for each storage, whose data come from elsewhere. */
export function torchMembers(tensors: readonly TorchTensor[], pickle = torchPickle(tensors)): ArchiveMember[] {
  const sizes = new Map(
    tensors.map(({ key, elements, storageClass }) => [key, elements * (STORAGE_BYTES[storageClass ?? ''] ?? 4)]),
  );
  const text = (value: string) => new TextEncoder().encode(value);
  return [
    { name: 'model/data.pkl', data: pickle },
    { name: 'model/byteorder', data: text('little') },
    ...[...sizes].map(([key, bytes]) => ({ name: `model/data/${key}`, data: bytes })),
    { name: 'model/version', data: text('3\n') },
  ];
}

const STORAGE_BYTES: Readonly<Record<string, number>> = { BFloat16Storage: 2, HalfStorage: 2, FloatStorage: 4 };
