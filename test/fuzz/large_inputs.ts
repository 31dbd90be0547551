/** Inputs that a parser once hung at or ran out of memory over, and that are too large to be kept: made anew each time. */
import { readFileSync } from 'node:fs';
import { deflateRawSync, deflateSync } from 'node:zlib';
import { encode as encodePng } from 'fast-png';
import { PickleWriter } from '../../src/hub/torch_archive';
import { NODE_CLASSES } from '../../src/servers/comfy_graph';
import { exampleResult } from '../compare/example_result';
import { type GgufPair, ggufHeader, ggufStrings, ggufText } from '../support/gguf_file';
import { joined } from '../support/mutations';
import { sentencePieceModel } from '../support/sentencepiece_file';
import { archive } from '../support/torch_file';
import { sized } from './seeds';

const VLLM_RECORDS = readFileSync(new URL('../compare/import/vllm_bench_records.json', import.meta.url), 'utf8');
const REFERENCES = readFileSync(new URL('../../public/reference/runs.json', import.meta.url), 'utf8');
const encode = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown) => encode(JSON.stringify(value));
const many = (count: number, part: string) => `${part},`.repeat(count).slice(0, -1);
const numbered = (count: number, value: string) => Array.from({ length: count }, (_, i) => `"${i}a":${value}`).join();
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const records = (count: number, fields: number) => {
  const [record] = JSON.parse(VLLM_RECORDS) as object[];
  const more = Object.fromEntries(Array.from({ length: fields }, (_, i) => [`field${i}`, i]));
  const text = JSON.stringify({ ...record, ...more });
  return encode(`[${many(count, text)}]`);
};
const results = (count: number, fields: number) => {
  const more = Object.fromEntries(Array.from({ length: fields }, (_, i) => [`f${i}`, 0]));
  return encode(`[${many(count, JSON.stringify({ ...exampleResult(), ...more }))}]`);
};
/** Of a safetensors header. */
const lengthBefore = ({ length }: Uint8Array) => new Uint8Array(BigUint64Array.of(BigInt(length)).buffer);

export interface LargeInput {
  readonly parser: string;
  readonly what: string;
  make(): Uint8Array | Promise<Uint8Array>;
}

const large = (parser: string, what: string, make: LargeInput['make']): LargeInput => ({ parser, what, make });

/** Tensors of one element each in a GGUF header, with a number before the name. */
const scalars = (count: number, name: string) =>
  Array.from({ length: count }, (_, i) => ({ name: `${i}${name}`, dimensions: [1], type: 0, bytes: 4 }));

const DUMP = '"total_duration_ms":1,"steps":[],"denoise_steps_ms":[]';
/** Each of its words again and again, in the order in which a careless pattern looks for them. */
const NAME = 'wan2_2'.repeat(300) + 'ti2v'.repeat(50);

export const LARGE_INPUTS: readonly LargeInput[] = [
  large('own-results', 'version 1 with 300,000 samples', () => {
    const text = JSON.stringify({ ...exampleResult(), version: 1, remarks: [{ code: 'contended' }] });
    return encode(text.replace('[2.1,2,2,1.9,2]', `[${many(300_000, '1')}]`));
  }),
  large('own-results', 'version 1 with two million remarks and samples', () =>
    encode(
      `{"schema":"wanscope-result","version":1,"remarks":[${many(2_000_000, '0')}],"stages":{"step":{"samples":[${many(2_000_000, '1')}]}}}`,
    ),
  ),
  large('own-results', 'a list of 160 with 4,900 fields more in each', () => results(160, 4900)),
  large('own-results', 'a million wrong samples', () =>
    encode(JSON.stringify(exampleResult()).replace('[2.1,2,2,1.9,2]', `[${many(1_000_000, '""')}]`)),
  ),
  large('sglang', 'of 150,000 checkpoints of memory', () =>
    encode(`{${DUMP},"memory_checkpoints":{${numbered(150_000, '{}')}}}`),
  ),
  large('sglang', 'a scenario with a name of 200,000 characters', () =>
    json({ scenarios: { ['wan2_2'.repeat(20_000) + 'ti2v'.repeat(20_000)]: {} } }),
  ),
  large('vllm-omni', 'a thousand names made for a pattern', () =>
    json(Array.from({ length: 1000 }, () => ({ result: { completed_requests: 1, latency_mean: 1, model: NAME } }))),
  ),
  large('report', '512 records with 512 fields more in each', () => records(512, 512)),
  large('report', '110 records with 512 fields more in each', () => records(110, 512)),
  large('report', '11 records with 4,900 fields more in each', () => records(11, 4900)),
  large('report', 'one record with 59,000 fields more', () => records(1, 59_000)),
  large('report', '150 runs of two cards', () => {
    const { runs } = JSON.parse(REFERENCES) as { runs: readonly { readonly id: string }[] };
    const of = (card: RegExp, count: number) => {
      const some = runs.filter(({ id }) => card.test(id));
      return Array.from({ length: count }, (_, i) => ({ ...some[i % some.length], id: `${card.source} ${i}` }));
    };
    const many = [of(/l40s/, 75), of(/blackwell/, 74)].flat();
    return json({ schema: 'wanscope-report', version: 1, runs: many });
  }),
  large('vllm-omni', 'a hundred thousand wrong records', () =>
    encode(`[{"result":{"latency_mean":1,"completed_requests":1}},${many(100_000, '{}')}]`),
  ),
  large('report', 'with names of 600,000 models where one is expected', () =>
    encode(`[{"test_name":"wan22_ti2v_5b","server_params":{"model":{${numbered(600_000, '1')}}}}]`),
  ),
  large('mstar', 'a table of 100,000 columns and rows', () =>
    encode(`label,system,${','.repeat(100_000)}\n${'a\n'.repeat(100_000)}`),
  ),
  large('safetensors', 'of 10,000 tensors', () => {
    const entries = Array.from(
      { length: 10_000 },
      (_, i) => `"blocks.${i}.self_attn.q.weight":{"dtype":"F32","shape":[],"data_offsets":[${4 * i},${4 * i + 4}]}`,
    );
    const header = encode(`{${entries.join()}}`);
    return sized(joined([lengthBefore(header), header]), 8 + header.length + 4 * entries.length);
  }),
  ...(
    [
      ['with 3.5 million escapes in its metadata', () => `{"__metadata__":{"a":"${'\\"'.repeat(3_500_000)}"}}`],
      ['of 2.6 million empty objects', () => `{"x":[${many(2_600_000, '{}')}]}`],
      ['of a million objects with a name', () => `{"x":[${many(1_000_000, '{"":0}')}]}`],
      ['of a million objects, each in another', () => `{"x":${deep(1_000_000)}}`],
      ['of 500,000 tensors that are numbers', () => `{${numbered(500_000, '0')}}`],
    ] as const
  ).map(([what, make]) =>
    large('safetensors', what, () => {
      const header = encode(make());
      return sized(joined([lengthBefore(header), header]), 8 + header.length);
    }),
  ),
  ...(
    [
      ['550,000 patterns of alphas', () => `{"alpha_pattern":{${numbered(550_000, '1')}}}`],
      ['550,000 settings', () => `{${numbered(550_000, '1')}}`],
    ] as const
  ).map(([what, make]) =>
    large('lora', `with ${what}`, () => {
      const metadata = JSON.stringify({ lora_adapter_metadata: make() });
      const halves = ['A', 'B'].map((half, i) => {
        const offsets = `[${4 * i},${4 * i + 4}]`;
        return `"blocks.0.attn1.to_q.lora_${half}.weight":{"dtype":"F32","shape":[1,1],"data_offsets":${offsets}}`;
      });
      const header = encode(`{"__metadata__":${metadata},${halves.join()}}`);
      return sized(joined([lengthBefore(header), header]), 8 + header.length + 8);
    }),
  ),
  large('lora', 'of 5,000 layers and 10,000 patterns of their alphas', () => {
    const settings = `{"alpha_pattern":{${numbered(10_000, '1')}}}`;
    const entries = Array.from({ length: 5000 }, (_, i) => {
      const layer = `blocks.${i >> 1}.attn${(i & 1) + 1}.to_q`;
      return ['A', 'B'].map((half) => `"${layer}.lora_${half}.weight":{"dtype":"F32","shape":[1,1],"data_offsets":`);
    }).flat();
    const placed = entries.map((entry, i) => `${entry}[${4 * i},${4 * i + 4}]}`);
    const metadata = JSON.stringify({ lora_adapter_metadata: settings });
    const header = encode(`{"__metadata__":${metadata},${placed.join()}}`);
    return sized(joined([lengthBefore(header), header]), 8 + header.length + 4 * placed.length);
  }),
  large('gguf', 'of a million empty texts', () => {
    const { header } = ggufHeader(
      [
        [
          'a',
          9,
          (to) =>
            to
              .u32(8)
              .u64(4_000_000)
              .raw(new Uint8Array(8 * 4_000_000)),
        ],
      ],
      [],
    );
    return sized(header, header.length);
  }),
  large('gguf', 'of 10,000 tensors with names of 6,500 characters', () => {
    const { header, dataBytes } = ggufHeader([], scalars(10_000, 'k'.repeat(6500)));
    return sized(header, header.length + dataBytes);
  }),
  large('gguf', 'of 10,000 halves of LoRAs with names as long as are read', () => {
    const { header, dataBytes } = ggufHeader([], scalars(10_000, `${'blocks.0.'.repeat(26)}.lora_down.weight`));
    return sized(header, header.length + dataBytes);
  }),
  ...(
    [
      ['of eight million lists', [0x5d], []],
      ['of eight million dictionaries', [0x7d], []],
      ['of eight million lists, each in another', [0x85], [0x4e]],
      ['that stores one thing eight million times', [0x94], [0x4e]],
      ['of two million texts', [0x8c, 2, 0x61, 0x62], []],
    ] as const
  ).map(([what, opcodes, before]) =>
    large('pth', what, async () => {
      const pickle = Buffer.alloc(8_000_000, Uint8Array.from(opcodes));
      const file = archive('x', [{ name: 'm/data.pkl', data: joined([Uint8Array.from(before), pickle]) }]);
      return sized(await file.read(0, file.bytes), file.bytes);
    }),
  ),
  large('pth', 'of 9,000 tensors in one storage with a name of 65,000 characters', async () => {
    const key = `${'k'.repeat(65_000)}中`; // of two bytes a character, by the last
    const to = new PickleWriter().raw([0x80, 2]).text('}(').str('t');
    to.tensor({ name: 't', shape: [1], elements: 1, key }).text('q\x00');
    for (let i = 0; i < 9000; i++) to.str(`t${i}`).text('h\x00');
    const file = archive('x', [
      { name: 'm/data.pkl', data: to.text('u.').bytes() },
      { name: `m/data/${key}`, data: 4 },
    ]);
    return sized(await file.read(0, file.bytes), file.bytes);
  }),
  large('shard-index', 'of a hundred thousand tensors', () => encode(`{"weight_map":{${numbered(100_000, '"b"')}}}`)),
  large('gguf-tokenizer', 'of 40 million scores', () => {
    const list = (key: string, type: number, bytes: number) =>
      [key, 9, (to) => to.u32(type).u64(bytes).raw(new Uint8Array(bytes))] as Parameters<typeof ggufHeader>[0][number];
    const model = ['tokenizer.ggml.model', 8, (to) => ggufText(to, 't5')] as Parameters<typeof ggufHeader>[0][number];
    const tokens = ['tokenizer.ggml.tokens', 9, (to) => to.u32(8).u64(0)] as typeof model;
    return ggufHeader([model, tokens, list('tokenizer.ggml.scores', 0, 40_000_000)], []).header;
  }),
  large('gguf-tokenizer', 'of 250,000 special tokens', () => {
    const pieces = ['</s>', '<unk>', ...Array.from({ length: 250_000 }, (_, i) => i.toString(36))];
    const types = Int32Array.from(pieces, (_, i) => [3, 2][i] ?? 4);
    const list = (key: string, type: number, bytes: Uint8Array) =>
      [`tokenizer.ggml.${key}`, 9, (to) => to.u32(type).u64(pieces.length).raw(bytes)] as GgufPair;
    const model: GgufPair = ['tokenizer.ggml.model', 8, (to) => ggufText(to, 't5')];
    const scores = list('scores', 6, new Uint8Array(4 * pieces.length));
    const typed = list('token_type', 5, new Uint8Array(types.buffer));
    return ggufHeader([model, ggufStrings('tokenizer.ggml.tokens', pieces), scores, typed], []).header;
  }),
  large('sentencepiece', 'of 250,000 special tokens', () => {
    const special = Array.from({ length: 250_000 }, (_, i) => [i.toString(36), 0, 4] as const);
    return sentencePieceModel({ pieces: [['</s>', 0, 3], ['<unk>', 0, 2], ...special] });
  }),
  large('sentencepiece', 'of 16 million fields that nobody knows', () => {
    const model = sentencePieceModel({
      pieces: [
        ['</s>', 0, 3],
        ['<unk>', 0, 2],
      ],
    });
    return joined([Buffer.alloc(32_000_000, Uint8Array.of(0x78, 0)), model]);
  }),
  large('tokenizer-json', 'of four million objects', () => encode(`{"model":[${many(4_000_000, '{}')}]}`)),
  large('tokenizer-json', 'of a million objects, each with a name of its own', () =>
    encode(`{"model":[${Array.from({ length: 1_000_000 }, (_, i) => `{"${i}a":1}`).join()}]}`),
  ),
  large('tuning-table', 'of eight million objects, each in another', () => encode(`{"leftOut":${deep(8_000_000)}}`)),
  large('model-record', 'of two million objects, each in another', () => encode(`{"files":${deep(2_000_000)}}`)),
  large('prompt', 'references within references', () => encode(`&${'amp;'.repeat(4998)}lt;`)),
  large('prompt', 'of a million characters', () => encode('cat '.repeat(250_000))),
  large('share-link', 'of version 1 with 32,000 remarks and samples', () => {
    const text = `{"schema":"wanscope-result","version":1,"remarks":[${many(32_000, '0')}],"stages":{"step":{"samples":[${many(32_000, '1')}]}}}`;
    return encode(`#compare?r=2.${deflateRawSync(encode(text)).toString('base64url')}`);
  }),
  large('share-link', 'that unpacks to four megabytes', () =>
    encode(`#compare?r=2.${deflateRawSync(new Uint8Array(4e6).fill(0x20)).toString('base64url')}`),
  ),
  large('png', 'a pixel that unpacks to twenty megabytes', () => pngOf(1, 1, deflateSync(new Uint8Array(2e7)))),
  large('png', 'of 67 million pixels in a few bytes', () => pngOf(8192, 8192, deflateSync(new Uint8Array(9)))),
  large('png', 'a pixel and a million empty chunks', () => {
    const png = encodePng({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3), channels: 3 });
    const empty = Buffer.from('0000000049444154' + '35af061e', 'hex'); // IDAT, and its sum
    return Buffer.concat([png.subarray(0, -12), Buffer.alloc(1_000_000 * empty.length, empty), png.subarray(-12)]);
  }),
  large('png', 'a pixel and a palette of four million colours', () => {
    const png = encodePng({ width: 1, height: 1, data: Uint8Array.of(0), channels: 1, palette: [[1, 2, 3]] });
    const at = png.findIndex((_, i) => String.fromCharCode(...png.subarray(i, i + 4)) === 'PLTE');
    const palette = chunk('PLTE', new Uint8Array(12_600_000));
    return Buffer.concat([png.subarray(0, at - 4), palette, png.subarray(at + 4 + 3 + 4)]);
  }),
  large('jpeg', 'of 64 million pixels in a few bytes', () =>
    Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0x1f, 0xff, 0x1f, 0xff, 1, 1, 0x11, 0, 0xff, 0xd9),
  ),
  large('jpeg', '2048 × 2048, again and again in scans of a few bytes', () => progressive(2048, 1, 63)),
  large('jpeg', '2048 × 2048 of 60 components', () => progressive(2048, 60, 0)),
  large('jpeg', 'three million empty segments before its size', () =>
    Buffer.concat([Uint8Array.of(0xff, 0xd8), Buffer.alloc(12_600_000, Uint8Array.of(0xff, 0xe1, 0, 2))]),
  ),
  large('comfyui-answers', 'a file with a name made for a pattern', () => {
    const name = `wan${'2'.repeat(20_000)}`.repeat(20);
    return json({ UNETLoader: { input: { required: { unet_name: [[name]] } } } });
  }),
  large('comfyui-answers', '4,000 files with names made for a pattern', () => {
    const names = Array.from({ length: 4000 }, () => 'wan'.repeat(28) + '2'.repeat(170));
    const nodes = Object.fromEntries(NODE_CLASSES.map((node) => [node, {}]));
    return json({ ...nodes, UNETLoader: { input: { required: { unet_name: [names] } } } });
  }),
  large('comfyui-answers', 'a queue of 1,400,000 empty lists', () =>
    encode(`{"queue_running":[],"queue_pending":[${many(1_400_000, '[]')}]}`),
  ),
  large('comfyui-answers', 'a history of 470,000 messages', () =>
    encode(
      `{"queue_running":[],"queue_pending":[],"p":{"outputs":{},"status":{"messages":[${many(470_000, '["",{}]')}]}}}`,
    ),
  ),
  large('comfyui-answers', 'a history of 300,000 outputs', () =>
    encode(`{"queue_running":[],"queue_pending":[],"p":{"outputs":{${numbered(300_000, '{}')}}}}`),
  ),
  large('server-job', 'of 300,000 durations', () =>
    encode(`{"id":"a","status":"completed","stage_durations":{${numbered(300_000, '1')}}}`),
  ),
  large('comfyui-messages', 'a hundred of twenty thousand objects each', () => {
    const message = `{"type":"progress","data":{"prompt_id":"p","list":[${many(21_000, '{}')}]}}`;
    return encode(`${message}\n`.repeat(100));
  }),
  large('hub-list', 'of a hundred thousand files', () =>
    encode(`[${many(100_000, '{"type":"file","path":"a.gguf"}')}]`),
  ),
  large('server-refusals', 'of eight megabytes of lists', () => encode(`{"detail":[${many(2_000_000, '[0]')}]}`)),
  large('server-job', 'nested a hundred thousand times', () =>
    encode(`{"id":"a","status":${'['.repeat(1e5)}${']'.repeat(1e5)}}`),
  ),
];

/** Square. Of the first component a bit for each block of 8 × 8, and scans that tell of 32,767 blocks at once that nothing is new. */
function progressive(size: number, components: number, scans: number): Uint8Array {
  const segment = (marker: number, ...body: number[]) => [
    ...[0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255],
    ...body,
  ];
  const blocks = (size / 8) ** 2;
  const side = [size >> 8, size & 255];
  /** One code, of one bit. */
  const table = (kind: number, value: number) => segment(0xc4, kind, 1, ...new Uint8Array(15), value);
  const runs = Array.from({ length: Math.ceil(blocks / 32_767) }, () => '011111111111111').join('');
  const bits = runs.padEnd(Math.ceil(runs.length / 8) * 8, '0');
  const packed = Array.from({ length: bits.length / 8 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2));
  const scan = [...segment(0xda, 1, 1, 0, 1, 63, 0x10), ...packed.flatMap((byte) => (byte === 255 ? [byte, 0] : byte))];
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, 0, ...new Uint8Array(64).fill(1)),
    ...segment(
      0xc2,
      8,
      ...side,
      ...side,
      components,
      ...Array.from({ length: components }, (_, i) => [i + 1, 17, 0]).flat(),
    ),
    ...table(0x00, 0),
    ...table(0x10, 0xe0),
    ...segment(0xda, 1, 1, 0, 0, 0, 0),
    ...new Uint8Array(blocks / 8),
    ...Array.from({ length: scans }, () => scan).flat(),
    ...[0xff, 0xd9],
  ]);
}

/** Without its sum: what is to be seen comes before it. */
function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(body.length + 12);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(body, 8);
  return bytes;
}

function pngOf(width: number, height: number, packed: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0], 8);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', packed), chunk('IEND', Buffer.alloc(0))]);
}
