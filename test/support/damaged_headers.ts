/**
 * Damaged files of tensors, by format: real and made-up ones, as bytes and by what their parts mean. For the property tests
 * and the fuzzers.
 */
import { readFileSync } from 'node:fs';
import { PickleWriter, torchPickle } from '../../src/hub/torch_archive';
import { type GgufPair, type GgufTensor, ggufHeader, ggufStrings } from './gguf_file';
import { HUGE, joined, mutated, pick, type Random } from './mutations';
import { safetensorsBlob } from './safetensors_file';
import { TINY } from './tiny_checkpoints';
import { archive, torchFile } from './torch_file';

/** A damaged file; where only its beginning is given, with the length of all of it. */
export type Damaged = Uint8Array | [start: Uint8Array, fileBytes: number];
export type MakeDamaged = (random: Random) => Damaged | Promise<Damaged>;

const whole = async (source: { bytes: number; read(begin: number, end: number): Promise<Uint8Array> }) =>
  source.read(0, source.bytes);
/** The beginning of a real file, damaged. */
const damagedStart = (path: string, startBytes: number): MakeDamaged => {
  const all = readFileSync(new URL(path, TINY));
  return (random) => [mutated(random, all.subarray(0, startBytes)), all.length];
};

const f32 = (shape: number[]) =>
  ({ dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }) as const;

export async function safetensorsFiles(): Promise<MakeDamaged[]> {
  const blob = safetensorsBlob(
    { 'norm.weight': f32([4]), 'blocks.0.attn.q.weight': f32([2, 3]), b: f32([]) },
    { a: 'b' },
  );
  const small = new Uint8Array(await blob.arrayBuffer());
  const withJson = (json: string, dataBytes: number) => {
    const text = new TextEncoder().encode(json);
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
    return joined([length, text, new Uint8Array(dataBytes)]);
  };
  return [
    (random) => mutated(random, small),
    damagedStart('comfy/umt5_tiny_fp8_e4m3fn_scaled.safetensors', 9000),
    // Descriptions that tile the data, but for a number, a type or a name that is now and then another.
    (random) => {
      const odd = ['8', '-1', '0.5', '1e308', '9007199254740993', '"4"', 'null', '[]', '{"a":1}'];
      const unless = (usual: string, others: readonly string[]) => (random(12) ? usual : pick(random, others));
      let end = 0;
      const entries = Array.from({ length: 1 + random(4) }, (_, i) => {
        const name = pick(random, [`t${i}`, `t${i}`, `t${i}`, 'a', '__proto__', 'norm.weight', 'norm.scale_weight']);
        const shape = Array.from({ length: random(4) }, () => random(4));
        const begin = end;
        end += 4 * shape.reduce((product, size) => product * size, 1);
        const sizes = shape.map((size) => unless(String(size), odd)).join();
        const offsets = `${unless(String(begin), odd)},${unless(String(end), odd)}`;
        const dtype = unless('"F32"', ['"F16"', '"F4"', '"toString"', '7', 'null']);
        const more = unless('', [',"dtype":"F32"', ',"x":1']);
        return `"${name}":{"dtype":${dtype},"shape":[${sizes}],"data_offsets":[${offsets}]${more}}`;
      });
      const metadata = unless('"__metadata__":{"a":"b"}', ['"__metadata__":{"a":1}', '"__metadata__":[]']);
      const depth = random(50) === 0 ? 100_000 : 0;
      const json = `${'['.repeat(depth)}{${[metadata, ...entries].join()}}${' '.repeat(random(3))}`;
      const file = withJson(json, random(8) ? end : random(100));
      if (random(40)) return file;
      new DataView(file.buffer).setBigUint64(0, pick(random, HUGE), true);
      return [file, 2 ** 40];
    },
  ];
}

export async function ggufFiles(): Promise<MakeDamaged[]> {
  const pairs: GgufPair[] = [
    ['general.architecture', 8, (to) => to.u64(3).text('wan')],
    ['general.alignment', 4, (to) => to.u32(32)],
    ggufStrings('tokenizer.ggml.tokens', ['<pad>', '▁a', 'b']),
    ['nested', 9, (to) => to.u32(9).u64(2).u32(0).u64(1).u8(7).u32(8).u64(0)],
  ];
  const tensors: GgufTensor[] = [
    { name: 'patch_embedding.weight', dimensions: [2, 2, 1, 4, 3], type: 0, bytes: 192 },
    { name: 'blocks.0.self_attn.q.weight', dimensions: [64, 2], type: 8, bytes: 136 },
  ];
  const small = ggufHeader(pairs, tensors);
  const value = (random: Random, depth = 0): GgufPair => {
    const type = pick(random, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10, 11, 12, 13, 255]);
    const sizes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
    const key = pick(random, ['a', 'b', 'c', 'general.alignment', '__proto__', '']);
    return [
      key,
      type,
      (to) => {
        if (type === 8) to.u64(random(8) ? 2 : pick(random, HUGE)).text('xy');
        else if (type !== 9) for (let i = 0; i < (sizes[type] ?? 0); i++) to.u8(random(256));
        else {
          const [, itemType, write] = value(random, depth + 1);
          const length = random(8) ? random(3) : pick(random, HUGE);
          to.u32(itemType).u64(length);
          if (depth < 6) for (let i = 0; i < Math.min(Number(length), 3); i++) write(to);
        }
      },
    ];
  };
  return [
    (random) => mutated(random, joined([small.header, new Uint8Array(small.dataBytes)])),
    damagedStart('gguf/wan-tiny-dit-Q8_0.gguf', 4400),
    damagedStart('gguf/umt5-tiny-encoder-Q8_0.gguf', 20_000),
    // Counts, types and offsets of any size, overlapping tensors, names given twice.
    (random) => {
      const some = Array.from(
        { length: random(5) },
        (): GgufTensor => ({
          name: pick(random, ['a', 'b', 'c', 'norm.weight', '__proto__']),
          dimensions: Array.from({ length: random(10) }, () =>
            random(5) ? pick(random, [1, 2, 32, 256]) : pick(random, HUGE),
          ),
          type: pick(random, [0, 1, 2, 8, 12, 14, 23, 30, 31, 99, 2 ** 32 - 1]),
          bytes: 64,
          ...(random(3) ? {} : { offset: random(4) ? 32 * random(8) : pick(random, HUGE) }),
        }),
      );
      const { header, dataBytes } = ggufHeader(
        Array.from({ length: random(5) }, () => value(random)),
        some,
      );
      const file = joined([header, new Uint8Array(random(2) ? dataBytes : random(500))]);
      return random(5) ? file : [file, 2 ** 40];
    },
  ];
}

export async function torchFiles(): Promise<MakeDamaged[]> {
  const tensor = (name: string, shape: readonly number[], elements: number, key = name) => ({
    name,
    shape,
    elements,
    key,
  });
  const tensors = [
    tensor('norm.weight', [4], 4, '0'),
    tensor('blocks.0.attn.q.weight', [2, 3], 6, '1'),
    tensor('b', [], 1, '2'),
  ];
  const small = await whole(torchFile(tensors));
  const pickle = torchPickle(tensors);
  const members = [
    ['0', 16],
    ['1', 24],
    ['2', 4],
  ].map(([key, data]) => ({ name: `m/data/${key}`, data: Number(data) }));
  const withPickle = (bytes: Uint8Array) => whole(archive('x', [{ name: 'm/data.pkl', data: bytes }, ...members]));
  // Among them those of cycles: a list or dictionary is stored, asked for, and put into itself.
  const PIECES = [
    ']q\x00h\x00a',
    '}q\x00X\x01\x00\x00\x00ah\x00s',
    'h\x00',
    'q\x00',
    'j\x00\x00\x00\x00',
    'r\xff\xff\xff\xff',
    '(',
    't',
    '}',
    ']',
    'u',
    'e',
    's',
    'a',
    'R',
    'Q',
    'b',
    '.',
    'N',
    ')',
    '\x85',
    '\x86',
    '\x87',
    '\x93',
    '\x94',
    '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f',
    'X\xff\xff\xff\xff',
    '\x8c\xff',
    'cos\nsystem\n',
    'cbuiltins\neval\n',
    'ccollections\nOrderedDict\n',
    'ctorch._utils\n_rebuild_tensor_v2\n',
    'ctorch\nFloatStorage\n',
    'i',
    'o',
    '\x81',
    '\x95\xff\xff\xff\xff\xff\xff\xff\xff',
    'K\x07',
    'M\xff\xff',
    'J\xff\xff\xff\xff',
    'G',
    '\x88',
    '\x80\x02',
  ];
  const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
  return [
    (random) => mutated(random, small),
    (random) => withPickle(mutated(random, pickle)),
    (random) =>
      withPickle(latin1(`\x80\x02${Array.from({ length: random(30) }, () => pick(random, PIECES)).join('')}.`)),
    (random) => {
      const at = random(pickle.length);
      return withPickle(
        joined([pickle.subarray(0, at), latin1(pick(random, PIECES)), pickle.subarray(at + random(3))]),
      );
    },
    // Shapes, strides, offsets and lengths that do not go together.
    (random) => {
      const size = () => (random(3) ? random(5) : Number(pick(random, HUGE.slice(0, 10))));
      const to = new PickleWriter().raw([0x80, 2]).text('}(');
      for (let i = 0; i <= random(3); i++) {
        const shape = Array.from({ length: random(4) }, size);
        const stride = random(2) ? {} : { stride: Array.from({ length: random(4) }, size) };
        const storageClass = pick(random, ['FloatStorage', 'FloatStorage', 'HalfStorage', 'LongStorage', 'Storage']);
        to.str(pick(random, ['a', 'b', 'norm.weight'])).tensor({
          name: '',
          shape,
          ...stride,
          offset: size(),
          elements: pick(random, [4, 6, 1, size()]),
          key: pick(random, ['0', '1', '2', '../x']),
          storageClass,
        });
      }
      return withPickle(to.text('u.').bytes());
    },
    (random) =>
      whole(
        torchFile(tensors, { alignment: pick(random, [1, 2, 64]), trailer: random(2) === 0, comment: random(100) }),
      ).then((bytes) => mutated(random, bytes)),
  ];
}
