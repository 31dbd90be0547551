import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { ByteWriter } from '../../src/hub/byte_writer';
import { openTensorFile } from '../../src/weights/checkpoint';
import { openGguf } from '../../src/weights/gguf';
import type { MetadataList } from '../../src/weights/tensor_file';
import { type GgufPair, type GgufTensor, ggufHeader, ggufStrings, ggufText } from '../support/gguf_file';
import { sparseSource } from '../support/sparse_source';

function open(
  pairs: readonly GgufPair[],
  tensors: readonly GgufTensor[],
  options: Parameters<typeof ggufHeader>[2] & { fileBytes?: number } = {},
) {
  const { header, dataBytes } = ggufHeader(pairs, tensors, options);
  return openGguf(sparseSource('model.gguf', header, options.fileBytes ?? header.length + dataBytes));
}
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
function heapBytesInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
const f32 = (name: string, ...dimensions: number[]): GgufTensor => ({
  name,
  dimensions,
  type: 0,
  bytes: dimensions.reduce((product, size) => product * size, 4),
});
const scalar = (key: string, type: number, write: (to: ByteWriter) => unknown): GgufPair => [
  key,
  type,
  (to) => write(to),
];

test.for([2, 3])('places tensors of version %d, outermost dimension first, five dimensions too', async (version) => {
  const { tensors } = await open(
    [],
    [
      { name: 'patch', dimensions: [2, 2, 1, 48, 3], type: 0, bytes: 2304 },
      { name: 'q', dimensions: [64, 3], type: 8, bytes: 3 * 2 * 34 },
      { name: 'bias', dimensions: [3], type: 1, bytes: 6 },
      { name: 'one', dimensions: [], type: 30, bytes: 2 },
    ],
    { version },
  );
  const found = [...tensors].map(([name, { dtype, type, shape, beginByte, endByte }]) => ({
    ...{ name, dtype, type, shape, begin: beginByte % 32, bytes: endByte - beginByte },
  }));
  expect(found).toEqual([
    { name: 'patch', dtype: 'F32', type: 'f32', shape: [3, 48, 1, 2, 2], begin: 0, bytes: 2304 },
    { name: 'q', dtype: 'Q8_0', type: 'q8_0', shape: [3, 64], begin: 0, bytes: 204 },
    { name: 'bias', dtype: 'F16', type: 'f16', shape: [3], begin: 0, bytes: 6 },
    { name: 'one', dtype: 'BF16', type: 'bf16', shape: [], begin: 0, bytes: 2 },
  ]);
});

test('reads metadata of every type', async () => {
  const { metadata } = await open(
    [
      scalar('u8', 0, (to) => to.u8(200)),
      scalar('i8', 1, (to) => to.u8(200)),
      scalar('u16', 2, (to) => to.u16(60_000)),
      scalar('i16', 3, (to) => to.u16(65_535)),
      scalar('u32', 4, (to) => to.u32(4e9)),
      scalar('i32', 5, (to) => to.u32(2 ** 32 - 7)),
      scalar('f32', 6, (to) => to.u32(0x3fc00000)),
      scalar('bool', 7, (to) => to.u8(1)),
      scalar('string', 8, (to) => ggufText(to, 'wan ▁ 万')),
      scalar('u64', 10, (to) => to.u64(2n ** 60n + 1n)),
      scalar('small u64', 10, (to) => to.u64(5)),
      scalar('i64', 11, (to) => to.u64(2n ** 64n - 9n)),
      scalar('f64', 12, (to) => to.u64(0x3ff8000000000000n)),
      scalar('__proto__', 8, (to) => ggufText(to, 'own')),
      ggufStrings('tokens', ['<pad>', '', '▁a']),
      scalar('scores', 9, (to) => to.u32(6).u64(2).u32(0).u32(0xbf800000)),
      scalar('nested', 9, (to) => to.u32(9).u64(2).u32(0).u64(1).u8(7).u32(8).u64(0)),
    ],
    [],
  );
  const { tokens, scores, nested, ...scalars } = metadata;
  expect(Object.entries(scalars)).toEqual([
    ...Object.entries({ u8: 200, i8: -56, u16: 60_000, i16: -1, u32: 4e9, i32: -7, f32: 1.5, bool: true }),
    ['string', 'wan ▁ 万'],
    ...Object.entries({ u64: 2n ** 60n + 1n, 'small u64': 5, i64: -9, f64: 1.5 }),
    ['__proto__', 'own'],
  ]);
  expect([(tokens as MetadataList).length, (tokens as MetadataList).values()]).toEqual([3, ['<pad>', '', '▁a']]);
  expect((scores as MetadataList).values()).toEqual([0, -1]);
  expect((nested as MetadataList).values().map((list) => (list as MetadataList).values())).toEqual([[7], []]);
});

test('a type that no kernel decodes keeps its name and its bytes; one that nobody knows ends at the next tensor', async () => {
  const { tensors } = await open(
    [],
    [
      { name: 'a', dimensions: [256, 2], type: 23, bytes: 272 },
      { name: 'b', dimensions: [7], type: 99, bytes: 100 },
      { name: 'c', dimensions: [4], type: 0, bytes: 16 },
    ],
  );
  const described = [...tensors.values()].map(({ dtype, type, beginByte, endByte }) => [
    dtype,
    type,
    endByte - beginByte,
  ]);
  expect(described).toEqual([
    ['IQ4_XS', null, 272],
    ['ggml type 99', null, 128],
    ['F32', 'f32', 16],
  ]);
});

test('honours general.alignment', async () => {
  const pairs = [scalar('general.alignment', 4, (to) => to.u32(4096))];
  const { tensors } = await open(pairs, [f32('a', 3), f32('b', 5)], { alignment: 4096 });
  expect([...tensors.values()].map(({ beginByte }) => beginByte)).toEqual([4096, 8192]);
});

test('a vocabulary of 256,000 pieces is read in four requests within a second, and kept as bytes', async () => {
  const tokens = Array.from({ length: 256_000 }, (_, i) => `▁piece number ${i}`);
  const { header, dataBytes } = ggufHeader(
    [
      ggufStrings('tokenizer.ggml.tokens', tokens),
      scalar('tokenizer.ggml.scores', 9, (to) =>
        to
          .u32(6)
          .u64(tokens.length)
          .zeros(4 * tokens.length),
      ),
    ],
    [f32('token_embd.weight', 32, 64)],
  );
  expect(header.length).toBeGreaterThan(7_000_000);
  const source = sparseSource('umt5.gguf', header, header.length + dataBytes + 2 ** 33);
  const before = heapBytesInUse();
  const began = performance.now();
  const { tensors, metadata } = await openTensorFile(source);
  expect(performance.now() - began).toBeLessThan(1000);
  expect(heapBytesInUse() - before).toBeLessThan(1 * 2 ** 20);
  expect(source.reads.length).toBeLessThanOrEqual(4);
  const read = source.reads.reduce((sum, [begin, end]) => sum + end - begin, 0);
  expect(read).toBeLessThan(header.length + 10 * 2 ** 20);
  expect(tensors.get('token_embd.weight')?.beginByte).toBe(header.length);
  const list = metadata['tokenizer.ggml.tokens'] as MetadataList;
  expect([list.length, list.values()[255_999]]).toEqual([256_000, '▁piece number 255999']);
});

describe('refuses', () => {
  const good = f32('a', 4);
  const many = (count: bigint, key: bigint) => (to: ByteWriter) => to.u32(8).u64(count).u64(key);
  test.for<[what: string, opening: () => Promise<unknown>, message: string]>([
    ['a file of another kind', () => open([], [], { magic: 'GGML' }), 'begins with'],
    ['version 1', () => open([], [], { version: 1 }), 'version 1, read are 2 and 3'],
    ['big-endian files', () => open([], [], { version: 0x03000000 }), 'little-endian'],
    ['a tensor named twice', () => open([], [good, good]), 'two tensors named "a"'],
    [
      'a key given twice',
      () => open([scalar('k', 0, (to) => to.u8(1)), scalar('k', 0, (to) => to.u8(2))], []),
      '"k" twice',
    ],
    [
      'an unknown value type',
      () => open([scalar('k', 13, (to) => to.u8(1))], []),
      'value of type 13, the format knows 0 to 12',
    ],
    [
      'lists in lists without end',
      () =>
        open(
          [
            scalar('k', 9, (to) => {
              for (let i = 0; i < 9; i++) to.u32(9).u64(1);
            }),
          ],
          [],
        ),
      'at most 4 deep',
    ],
    [
      'a list longer than any file',
      () => open([scalar('k', 9, many(2n ** 62n, 0n))], []),
      'the length of the list "k"',
    ],
    [
      'a string that goes on beyond the file',
      () => open([scalar('k', 8, (to) => to.u64(1e9))], []),
      'the file ends at',
    ],
    [
      'a list of numbers beyond the file',
      () => open([scalar('k', 9, (to) => to.u32(12).u64(6e7))], []),
      'the file ends at',
    ],
    [
      'a header longer than 64 MiB',
      () => open([scalar('k', 8, (to) => to.u64(1e8))], [], { fileBytes: 2e8 }),
      'at most 67108864 are read',
    ],
    ['nine dimensions', () => open([], [f32('a', 1, 1, 1, 1, 1, 1, 1, 1, 1)]), '9 dimensions, at most 8'],
    ['a dimension beyond 2³²', () => open([], [{ ...good, dimensions: [2n ** 63n] }]), 'a dimension of tensor "a"'],
    [
      'a product beyond any file',
      () => open([], [{ ...good, dimensions: [2 ** 32, 2 ** 32, 2 ** 32] }]),
      'Is it cut off?',
    ],
    [
      'rows that are no whole blocks',
      () => open([], [{ ...good, type: 12, dimensions: [100, 2] }]),
      'rows of 100 elements, Q4_K takes whole blocks of 256',
    ],
    ['an offset that is not aligned', () => open([], [{ ...good, offset: 8 }]), 'not at a multiple of 32'],
    ['an offset beyond 2⁵³', () => open([], [{ ...good, offset: 2n ** 60n }]), 'the offset of tensor "a"'],
    ['tensors that overlap', () => open([], [f32('a', 64), { ...good, name: 'b', offset: 32 }]), 'but "b" begins at'],
    ['a file that is cut off', () => open([], [f32('a', 64)], { fileBytes: 200 }), 'Is it cut off?'],
    ['an alignment of 48', () => open([scalar('general.alignment', 4, (to) => to.u32(48))], []), 'alignment is 48'],
    ['an alignment of 1.5', () => open([scalar('general.alignment', 6, (to) => to.u32(0x3fc00000))], []), 'is 1.5'],
    [
      'an alignment that is text',
      () => open([scalar('general.alignment', 8, (to) => ggufText(to, 'x'))], []),
      'alignment is x',
    ],
    ['an alignment of nothing', () => open([scalar('general.alignment', 4, (to) => to.u32(0))], []), 'alignment is 0'],
  ])('%s', async ([, opening, message]) => {
    await expect(opening()).rejects.toMatchObject({ code: 'file-invalid', message: expect.stringContaining(message) });
  });

  test('a name that is not UTF-8', async () => {
    const { header } = ggufHeader([], [f32('abcd', 4)]);
    header[24 + 8] = 0xff;
    await expect(openGguf(sparseSource('x', header, header.length + 32))).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringContaining('the name of tensor 0 is not UTF-8'),
    });
  });

  test('counts of tensors and pairs that no file has', async () => {
    for (const at of [8, 16]) {
      const { header } = ggufHeader([], []);
      new DataView(header.buffer).setBigUint64(at, 2n ** 63n, true);
      await expect(openGguf(sparseSource('x', header, 2 ** 40))).rejects.toMatchObject({
        message: expect.stringMatching(/number of (tensors|metadata pairs) is .* at most 10000/),
      });
    }
  });

  test('names that take more than all of them may', async () => {
    const scalars = Array.from({ length: 70 }, (_, i) => f32(String(i).padStart(60_000, 'k'), 1));
    await expect(open([], scalars)).rejects.toMatchObject({
      message: expect.stringContaining('up to the name of tensor 69 its names take 4200000 bytes, at most 4194304'),
    });
    expect((await open([], scalars.slice(0, 69))).tensors.size).toBe(69);
  });
});
