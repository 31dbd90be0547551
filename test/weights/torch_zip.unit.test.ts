import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PickleWriter, type TorchTensor, torchPickle } from '../../src/hub/torch_archive';
import { blobSource } from '../../src/weights/byte_source';
import { openSafetensors, openTensorFile } from '../../src/weights/checkpoint';
import { openTorchZip } from '../../src/weights/torch_zip';
import { archive, torchFile } from '../support/torch_file';

const TINY = new URL('../checkpoints/tiny/original/', import.meta.url);
const fixture = (name: string) => blobSource(name, new Blob([readFileSync(new URL(name, TINY))]));

const f32 = (name: string, shape: readonly number[], key = name): TorchTensor => ({
  ...{ name, shape, key },
  elements: shape.reduce((product, size) => product * size, 1),
});
const described = (tensors: Awaited<ReturnType<typeof openTorchZip>>['tensors']) =>
  [...tensors].map(([name, { dtype, shape, beginByte, endByte }]) => [
    name,
    dtype,
    shape,
    beginByte % 64,
    endByte - beginByte,
  ]);

test("a file by Python's own pickler has the tensors of the safetensors file it was made from, byte for byte", async () => {
  const pth = await openTensorFile(fixture('umt5_tiny_enc_bf16.pth'));
  const same = await openSafetensors(fixture('umt5_tiny_enc_bf16.safetensors'));
  expect(pth.format).toBe('pth');
  expect([...pth.tensors.keys()].sort()).toEqual([...same.tensors.keys()].sort());
  for (const [name, tensor] of pth.tensors) {
    const other = same.tensors.get(name)!;
    expect([tensor.dtype, tensor.type, tensor.shape]).toEqual([other.dtype, other.type, other.shape]);
    const bytes = await pth.source.read(tensor.beginByte, tensor.endByte);
    // Not toEqual, which takes seconds for half a million bytes.
    expect(Buffer.compare(bytes, await same.source.read(other.beginByte, other.endByte)), name).toBe(0);
  }
});

test('tensors may share a storage, and lie in a dictionary within', async () => {
  const parts = [
    { ...f32('a', [2, 3]), elements: 10, key: '0' },
    { ...f32('b', [4]), offset: 6, elements: 10, key: '0' },
  ];
  const within = new PickleWriter().raw([0x80, 2]).text('}(').str('epoch').int(3).str('state_dict').text('}(');
  for (const part of parts) within.str(part.name).tensor(part);
  const { tensors } = await openTorchZip(torchFile(parts, {}, within.text('uu.').bytes()));
  expect(described(tensors)).toEqual([
    ['a', 'F32', [2, 3], 0, 24],
    ['b', 'F32', [4], 24, 16],
  ]);
});

test('a shape stays as it was checked, whatever the pickle does to its list afterwards', async () => {
  const to = new PickleWriter().raw([0x80, 2]).text('}(').str('list').text(']q\x00').int(4).text('a').str('a');
  to.global('torch._utils', '_rebuild_tensor_v2').text('((');
  to.str('storage').global('torch', 'FloatStorage').str('a').str('cpu').int(4).text('tQ');
  to.int(0).text('h\x00').ints([1]).raw([0x89]).text('NtR');
  to.str('again')
    .text('h\x00')
    .int(2 ** 30)
    .text('au.');
  const { tensors } = await openTorchZip(torchFile([f32('a', [4])], {}, to.bytes()));
  expect(described(tensors)).toEqual([['a', 'F32', [4], 0, 16]]);
});

test('the text encoder of 11 GB opens in ten requests and half a megabyte', async () => {
  // Zip64: members beyond 4 GiB, and one that is larger than that.
  const tensors = Array.from({ length: 242 }, (_, i) => ({
    ...f32(`blocks.${i}.weight`, [i === 7 ? 2 ** 31 : 2 ** 24 + i], `${i}`),
    storageClass: 'BFloat16Storage',
  }));
  const source = torchFile(tensors);
  expect(source.bytes).toBeGreaterThan(11e9);
  const opened = await openTensorFile(source);
  expect(source.reads.length).toBeLessThanOrEqual(10);
  expect(source.reads.reduce((sum, [begin, end]) => sum + end - begin, 0)).toBeLessThan(512 * 1024);
  expect(opened.tensors.get('blocks.241.weight')!.beginByte).toBeGreaterThan(11e9);
  expect(described(opened.tensors)).toEqual(tensors.map(({ name, shape }) => [name, 'BF16', shape, 0, 2 * shape[0]!]));
  // Where the members begin, by their own headers.
  for (const { beginByte } of opened.tensors.values()) {
    const before = await source.read(beginByte - 128, beginByte);
    const header = before.findLastIndex((_, i) => before[i] === 0x50 && before[i + 1] === 0x4b && before[i + 2] === 3);
    const view = new DataView(before.buffer);
    expect(header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true)).toBe(128);
  }
});

test('as many tensors as are read may be written out in full, each with its own storage', async () => {
  const tensors = Array.from({ length: 10_000 }, (_, i) => f32(`blocks.${i}.weight`, [1], `${i}`));
  expect((await openTorchZip(torchFile(tensors))).tensors.size).toBe(10_000);
});

test.for([1, 4, 16])('members at multiples of %d bytes are found by their own headers', async (alignment) => {
  const tensors = Array.from({ length: 40 }, (_, i) => f32(`t${i}`, [1 + i]));
  for (const trailer of [false, true]) {
    const source = torchFile(tensors, { alignment, trailer });
    const { tensors: found } = await openTorchZip(source);
    let wrong = 0;
    for (const [name, { beginByte }] of found) {
      const text = new TextDecoder('latin1').decode(await source.read(Math.max(0, beginByte - 64), beginByte));
      const header = text.lastIndexOf('PK\x03\x04');
      const bytes = await source.read(beginByte - (text.length - header), beginByte);
      const view = new DataView(bytes.buffer);
      if (
        !text.includes(`model/data/${name}`) ||
        30 + view.getUint16(26, true) + view.getUint16(28, true) !== bytes.length
      )
        wrong++;
    }
    expect(wrong).toBe(0);
  }
});

test('an archive with a comment is an archive', async () => {
  const { tensors } = await openTorchZip(torchFile([f32('a', [3])], { comment: 500 }));
  expect([...tensors.keys()]).toEqual(['a']);
});

describe('runs nothing, and names what it refuses:', () => {
  const pickle = () => new PickleWriter().raw([0x80, 2]);
  const hostile: [what: string, bytes: Uint8Array, message: string][] = [
    ['os.system', pickle().global('os', 'system').text('(').str('rm -rf /').text('tR.').bytes(), 'asks for os.system'],
    ['posix.system', pickle().global('posix', 'system').text('.').bytes(), 'asks for posix.system'],
    [
      'builtins.eval',
      pickle().global('builtins', 'eval').text('(').str('1').text('tR.').bytes(),
      'asks for builtins.eval',
    ],
    [
      'builtins.getattr by the stack',
      pickle().str('builtins').str('getattr').raw([0x93]).text('.').bytes(),
      'asks for builtins.getattr',
    ],
    [
      'a name an object would inherit',
      pickle().global('torch', 'constructor').text('.').bytes(),
      'asks for torch.constructor',
    ],
    [
      'torch._utils._rebuild_device_tensor_from_numpy',
      pickle().global('torch._utils', '_rebuild_device_tensor_from_numpy').text('.').bytes(),
      '_rebuild_device_tensor_from_numpy',
    ],
    [
      'a class called as a function',
      pickle().global('torch', 'FloatStorage').text('(tR.').bytes(),
      'calls torch.FloatStorage',
    ],
    [
      'a dictionary made of a list, which could be made again and again',
      pickle().global('collections', 'OrderedDict').text('(](').str('a').int(1).text('tatR.').bytes(),
      'calls collections.OrderedDict with a list of 1',
    ],
    [
      'a name of lists within lists',
      pickle()
        .text('N')
        .raw(Array.from({ length: 20 }, () => [0x71, 0, 0x68, 0, 0x86]).flat())
        .text('N')
        .raw([0x93])
        .text('.')
        .bytes(),
      'asks for a list of 2 and null',
    ],
    ['a text called as a function', pickle().str('print').text('(tR.').bytes(), 'calls print'],
    ['INST', pickle().text('(ios\nsystem\n.').bytes(), 'opcode 0x69'],
    ['OBJ', pickle().text('(').global('collections', 'OrderedDict').text('o.').bytes(), 'opcode 0x6f'],
    ['NEWOBJ', pickle().global('collections', 'OrderedDict').text(')').raw([0x81]).text('.').bytes(), 'opcode 0x81'],
    ['EXT1', pickle().raw([0x82, 1]).text('.').bytes(), 'opcode 0x82'],
    ['PERSID', pickle().text('Pfile\n.').bytes(), 'opcode 0x50'],
    ['a state for something else', pickle().text(']}b.').bytes(), 'sets the state of a list of 0'],
    [
      'a storage of another kind',
      pickle().text('(').str('module').text('tQ.').bytes(),
      'refers to a list of 1 outside',
    ],
    ['a list that holds itself', pickle().text(']q\x00h\x00a.').bytes(), 'holds a list of 1'],
    ['a dictionary that holds itself', pickle().text('}q\x00').str('a').text('h\x00s.').bytes(), 'holds 0 tensors'],
    ['a key that holds itself', pickle().text('}q\x00h\x00h\x00s.').bytes(), 'with the key a dictionary of 0'],
    [
      'a tensor named twice',
      pickle()
        .text('}(')
        .str('a')
        .tensor(f32('a', [1]))
        .str('a')
        .tensor(f32('a', [1]))
        .text('u.')
        .bytes(),
      '"a" twice',
    ],
    ['a memo that was never stored', pickle().text('h\x05.').bytes(), 'asks for 5, which it never stored'],
    ['a stack that is empty', pickle().text('t.').bytes(), 'never began'],
    ['a mark that is popped over', pickle().text(')((s.').bytes(), 'takes more than there is'],
    ['a text longer than the file', pickle().raw([0x58, 255, 255, 255, 255]).bytes(), 'goes on to byte'],
    ['an end that is missing', pickle().bytes(), 'goes on to byte'],
    ['a text that is not UTF-8', pickle().raw([0x58, 1, 0, 0, 0, 0xff]).bytes(), 'not UTF-8'],
    ['numbers instead of tensors', pickle().text('}.').bytes(), 'holds 0 tensors'],
    ['protocol 77', new PickleWriter().raw([0x80, 77]).bytes(), 'protocol 77'],
  ];
  test.for(hostile)('%s', async ([, bytes, message]) => {
    await expect(openTorchZip(torchFile([f32('a', [1])], {}, bytes as Uint8Array<ArrayBuffer>))).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringContaining(message),
    });
  });
});

describe('refuses', () => {
  const one = f32('a', [4]);
  const pkl = { name: 'm/data.pkl', data: torchPickle([one]) };
  const data = { name: 'm/data/a', data: 16 };
  test.for<[what: string, file: () => ReturnType<typeof archive>, message: string]>([
    ['an archive without a pickle', () => archive('x', [data]), 'has 0 members named data.pkl'],
    [
      'an archive with two',
      () => archive('x', [pkl, { ...pkl, name: 'n/data.pkl' }, data]),
      'has 2 members named data.pkl',
    ],
    ['a member listed twice', () => archive('x', [pkl, data, data]), 'two members named "m/data/a"'],
    ['a tensor without its bytes', () => archive('x', [pkl]), 'no member data/a'],
    ['a compressed tensor', () => archive('x', [pkl, { ...data, method: 8 }]), 'compressed (method 8)'],
    ['a compressed pickle', () => archive('x', [{ ...pkl, method: 8 }, data]), 'compressed (method 8)'],
    [
      'a storage of another size',
      () => archive('x', [pkl, { ...data, data: 20 }]),
      'has 20 bytes, 4 elements of F32 take 16',
    ],
    [
      'big-endian numbers',
      () => archive('x', [pkl, { name: 'm/byteorder', data: new TextEncoder().encode('big') }, data]),
      'big-endian',
    ],
    ['strides of a transposed tensor', () => torchFile([{ ...f32('a', [2, 3]), stride: [1, 2] }]), 'not contiguous'],
    [
      'an offset beyond the storage',
      () => torchFile([{ ...one, offset: 2 }]),
      'ends at byte 24 of its storage, which has 16',
    ],
    ['a shape beyond the storage', () => torchFile([{ ...f32('a', [2 ** 30, 2 ** 30]), elements: 4 }]), 'which has 16'],
    [
      'fewer strides than dimensions',
      () => torchFile([{ ...f32('a', [2, 2]), stride: [1] }]),
      '2 dimensions and 1 strides',
    ],
  ])('%s', async ([, file, message]) => {
    await expect(openTorchZip(file())).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringContaining(message),
    });
  });

  test('an archive that is cut off', async () => {
    const whole = readFileSync(new URL('umt5_tiny_enc_bf16.pth', TINY));
    const cut = blobSource('cut.pth', new Blob([whole.subarray(0, 400_000)]));
    await expect(openTensorFile(cut)).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/^cut\.pth: .*Is it cut off/),
    });
  });

  test('what torch.save wrote before 1.6', async () => {
    const old = blobSource('old.pth', new Blob([Uint8Array.of(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46)]));
    await expect(openTensorFile(old)).rejects.toMatchObject({ message: expect.stringContaining('before PyTorch 1.6') });
  });
});
