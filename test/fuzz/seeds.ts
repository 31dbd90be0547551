/** Good inputs, small and made by code where they can be, and the ways in which each kind is damaged. */
import { readFileSync } from 'node:fs';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';
import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { compact, type Json } from '../../src/compare/compact_json';
import { DICTIONARY } from '../../src/compare/link_dictionary';
import { clipLine } from '../../src/core/clip_line';
import { writeUnfinished } from '../../src/generate/unfinished';
import { encodeRecord, recordOf } from '../../src/weights/model_record';
import { exampleResult, figure } from '../compare/example_result';
import { worstResult } from '../compare/worst_result';
import { ggufFiles, type MakeDamaged, safetensorsFiles, torchFiles } from '../support/damaged_headers';
import { demoFile, demoGguf } from '../support/demo_tokenizer';
import { layerValues, loraFile } from '../support/lora_file';
import { joined, mutated, pick, type Random } from '../support/mutations';
import { sentencePieceModel } from '../support/sentencepiece_file';
import { SETTINGS, unfinishedExample } from '../support/unfinished_example';
import { damagedBytes, damagedJson, damagedJsonFile, type Make } from './mutate';

const read = (path: string) => Uint8Array.from(readFileSync(new URL(`../${path}`, import.meta.url)));
const textOf = (path: string) => new TextDecoder().decode(read(path));
const encode = (text: string) => new TextEncoder().encode(text);

/** Made at the first call. */
function once(make: () => readonly Make[] | Promise<readonly Make[]>): () => Promise<readonly Make[]> {
  let made: Promise<readonly Make[]> | undefined;
  return () => (made ??= Promise.resolve(make()));
}

/** A file of tensors is as long as its first 8 bytes say; what follows them is its beginning, and the rest zeros. */
export function fileOf(input: Uint8Array): { start: Uint8Array; fileBytes: number } {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const start = input.subarray(8);
  const told = input.length < 8 ? 0 : Number(view.getBigUint64(0, true) % 2n ** 42n);
  return { start, fileBytes: Math.max(told, start.length) };
}

export function sized(start: Uint8Array, fileBytes: number): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(fileBytes), true);
  return joined([length, start]);
}

const files = (make: () => Promise<readonly MakeDamaged[]>, longest = 2 ** 40) =>
  once(async () =>
    (await make()).map(
      (damage): Make =>
        async (random) => {
          const damaged = await damage(random);
          const [start, fileBytes] = Array.isArray(damaged) ? damaged : [damaged, damaged.length];
          return sized(start, random(20) === 0 ? longest : fileBytes);
        },
    ),
  );

const jsonFiles = (...paths: readonly string[]) => once(() => [damagedJsonFile(paths.map(textOf))]);

/** A header of any JSON, with as many bytes after it as its last tensor says, or none. */
function withSafetensorsHeader(random: Random, text: string): Uint8Array {
  const json = encode(text);
  const ends = [...text.matchAll(/"data_offsets":\[\d{1,9},(\d{1,9})\]/g)].map(([, end]) => Number(end));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  const start = joined([length, json]);
  return sized(start, start.length + (random(8) ? Math.max(0, ...ends) : random(100)));
}

function headerOf(bytes: Uint8Array): string {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return new TextDecoder().decode(bytes.subarray(8, 8 + length));
}

/** Its header's JSON, edited by what it means. */
function damagedHeader(files: readonly Uint8Array[]): Make {
  const headers = files.map(headerOf);
  return (random) => damagedJson(headers, (text) => withSafetensorsHeader(random, text))(random);
}

/** PEFT's settings, edited by what they mean, in the header of an undamaged LoRA. */
function damagedSettings(file: Uint8Array): Make {
  const header = JSON.parse(headerOf(file));
  const settings = { lora_alpha: 4, alpha_pattern: { to_q: 2, 'ffn.net.0.proj': 8 }, use_rslora: true };
  return (random) =>
    damagedJson([JSON.stringify(settings)], (lora_adapter_metadata) =>
      withSafetensorsHeader(random, JSON.stringify({ ...header, __metadata__: { lora_adapter_metadata } })),
    )(random);
}

async function loraFiles(): Promise<readonly Make[]> {
  const layers = (rank: number, alpha?: number) => [
    layerValues('blocks.0.self_attn.q.weight', [64, 64], rank, 1, alpha),
    layerValues('blocks.1.ffn.0.weight', [128, 64], rank, 2, alpha),
  ];
  const difference = { name: 'blocks.0.self_attn.q.bias', shape: [64], values: new Float32Array(64) };
  const sources = [
    loraFile('original', layers(4, 8), [difference]),
    loraFile('diffusers', layers(2, 4)),
    loraFile('kohya', layers(4, 2)),
  ];
  const files = await Promise.all(sources.map((source) => source.read(0, source.bytes)));
  const bytes = damagedBytes(files);
  return [
    damagedHeader(files),
    damagedSettings(files[1]!),
    async (random) => {
      const damaged = await bytes(random);
      return sized(damaged, damaged.length);
    },
  ];
}

const SPIECE = [
  ['</s>', 0, 3],
  ['<unk>', 0, 2],
  ['▁a', -1, 1],
  ['é', -2, 1],
  ['<0x41>', -3, 6],
] as const;
/** All damage hits something here; in the demo's model most of it hits the charsmap. */
const CHARSMAP = Uint8Array.of(8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0);

function smallTokenizer(): string {
  const value = JSON.parse(new TextDecoder().decode(demoFile('tokenizer.json')));
  return JSON.stringify({
    ...value,
    model: { ...value.model, vocab: value.model.vocab.slice(0, 20) },
    added_tokens: value.added_tokens.slice(0, 4),
  });
}

const SAVED_CLIP = {
  ...{ schema: 'wanscope-video', version: 1, id: 'clip', name: 'cat', settings: SETTINGS, model: 'Wan2.2' },
  ...{ modelFingerprint: 'abc', network: 'wan22-5b', machine: exampleResult().machine },
  ...{ createdAt: '2026-03-01T12:00:00.000Z', promptTokens: 7, framesPerSecond: 24, activations: 'f32' },
  ...{ weights: 'bf16', offload: 'resident', resumedSteps: 0, peakGpuBytes: 1e9 },
  stages: {
    ...{ load: figure('measured', 1), encode: null, image: null, step: figure('measured', 2, [2, 2]) },
    ...{ decode: figure('measured', 3), total: figure('measured', 8) },
  },
};

const STREAMING = {
  ...{ schema: 'wanscope-streaming', version: 1, createdAt: '2026-03-01T12:00:00.000Z', engineVersion: '0.1.0' },
  ...{ machine: exampleResult().machine, preset: '1280x704x161', tokens: 36080, activations: 'f16', weights: 'bf16' },
  ...{ residency: 'stream', memoryBytes: 2e9, residentBytes: 1e9, streamedBytes: 8e9, peakGpuBytes: 2e9 },
  ...{ step: figure('measured', 3, [3]), loadSeconds: 4 },
  brought: { bytes: 8e9, exposedSeconds: 1, hiddenSeconds: 2 },
};

const TUNING = {
  ...{ schema: 'wanscope-tuning', version: 1, made: '2026-03-01T12:00:00.000Z' },
  key: { adapter: 'a', vendor: 'b', architecture: '', device: '', driver: '', backend: 'vulkan', shaders: 'c' },
  entries: [
    {
      ...{ kernel: 'matmul', tuning: { tile: 64 }, share: 0.8 },
      size: { rows: 4, columns: 8, depth: 16, left: 'f32', weight: 'bf16' },
    },
    {
      ...{ kernel: 'attention', tuning: { tile: 64 }, share: 1 },
      size: { batch: 1, queries: 4, keys: 8, heads: 2, head: 64, type: 'f16', biased: false },
    },
  ],
  leftOut: [{ what: 'matmul', tuning: { tile: 128 }, reason: 'too large' }],
};

const RECORD = recordOf({
  name: 'Wan2.2',
  files: [
    { name: 'a/b.safetensors', address: 'https://example.org/b', bytes: 100, unwanted: [{ beginByte: 5, endByte: 9 }] },
  ],
});

/** The first published runs: all are the same in kind. */
function fewReferences(): string {
  const file = JSON.parse(textOf('../public/reference/runs.json'));
  return JSON.stringify({ ...file, runs: file.runs.slice(0, 3) });
}

const linkWith = (bytes: Uint8Array) => `#compare?r=2.${Buffer.from(bytes).toString('base64url')}`;

function shareLinks(): readonly Make[] {
  const small = JSON.stringify(compact(JSON.parse(JSON.stringify(exampleResult())) as Json, DICTIONARY));
  const large = JSON.stringify(compact(JSON.parse(JSON.stringify(worstResult())) as Json, DICTIONARY));
  const links = [small, large].map((text) => encode(linkWith(deflateRawSync(text))));
  const packed = [small, large].map((text) => Uint8Array.from(deflateRawSync(text)));
  const bytes = damagedBytes(packed);
  return [
    damagedBytes(links),
    damagedJson([small, large], (text) => encode(linkWith(deflateRawSync(text)))),
    async (random) => encode(linkWith(await bytes(random))),
    // Much out of little.
    (random) => encode(linkWith(deflateRawSync(pick(random, ['[', ' ', '{"~R":', '[[],']).repeat(2 ** random(19))))),
  ];
}

/** The chunks of a PNG, damaged, with their sums made right again. */
function damagedChunks(random: Random, png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const parts: Uint8Array[] = [png.subarray(0, 8)];
  for (let at = 8; at + 12 <= png.length; ) {
    const length = view.getUint32(at);
    const type = png.subarray(at + 4, at + 8);
    let body: Uint8Array = png.subarray(at + 8, at + 8 + length);
    if (random(3) === 0) body = mutated(random, body);
    if (type[0] === 0x49 && type[1] === 0x44 && random(3) === 0)
      body = Uint8Array.from(deflateSync(new Uint8Array(2 ** random(21)).fill(random(6))));
    const chunk = joined([new Uint8Array(4), type, body, new Uint8Array(4)]);
    const to = new DataView(chunk.buffer);
    to.setUint32(0, random(40) ? body.length : 2 ** random(32));
    to.setUint32(chunk.length - 4, crc32(chunk.subarray(4, -4)));
    for (let times = random(12) ? 1 : random(4); times > 0; times--) parts.push(chunk);
    at += 12 + length;
  }
  return joined(parts);
}

function pngs(): readonly Make[] {
  const noise = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 256);
  const size = { width: 9, height: 5 };
  const images = [
    encodePng({ ...size, data: noise(9 * 5 * 4), channels: 4 }),
    encodePng({ ...size, data: noise(9 * 5 * 3), channels: 3 }, { interlace: 'Adam7' }),
    encodePng({ ...size, data: Uint16Array.from(noise(9 * 5)), channels: 1, depth: 16 }),
    encodePng({ ...size, data: noise(2 * 5), channels: 1, depth: 1 }),
  ].map((bytes) => Uint8Array.from(bytes));
  return [damagedBytes(images), (random) => damagedChunks(random, pick(random, images))];
}

function jpegs(): readonly Make[] {
  const picture = (width: number, height: number) => ({
    ...{ width, height },
    data: Buffer.from(Uint8Array.from({ length: width * height * 4 }, (_, i) => (i * 13) % 256)),
  });
  const images = [picture(9, 5), picture(33, 17)].map((each) => Uint8Array.from(encodeJpeg(each, 60).data));
  return [damagedBytes(images)];
}

const WORDS = ['832x480', '832×480x33', '1280x704x161', '2GiB', '1.5 GB', 'unipc', 'localhost:8091/v1/videos'];
const ADDRESSES = [
  'Wan-AI/Wan2.2-TI2V-5B',
  'https://huggingface.co/a/b/blob/main/c%20d.gguf',
  'hf.co/a/b',
  'http://[::1]:1/x?y#z',
];

/** A line of settings, and words that numbers and addresses are read from. */
export const linesOf = once(() => {
  const lines = [clipLine(SETTINGS), clipLine({ ...SETTINGS, prompt: "it's", seed: 2 ** 53 })];
  return [damagedBytes(lines.map((line) => encode([line, ...WORDS, ...ADDRESSES].join('\n'))))];
});

const PROMPTS = [
  'a red circle moving right on a black background',
  'cafÃ© &amp;amp;lt;b&gt; ﬁ “quoted” 全角，　空白\u2028\r\n\x1b[31mred\u0085',
  '👩‍👩‍👧‍👦 e\u0301\u0302\u0303 \u202eabc <extra_id_0> </s> ▁▁ <0x41>',
];

/** Files of each kind that a report is made of: our own, and others'. */
export const REPORTED: readonly string[] = [
  ...[exampleResult(), SAVED_CLIP].map((value) => JSON.stringify(value)),
  fewReferences(),
  JSON.stringify(STREAMING),
  textOf('compare/import/mstar_rows.json'),
  textOf('compare/import/vllm_bench_records.json'),
  textOf('compare/import/sglang_perf_dump.json'),
  textOf('compare/seed-runs/l40s_01_Speed_Preview_480p.json'),
];

export const SEEDS = {
  settings: SETTINGS,
  recordId: RECORD.id,
  safetensors: files(safetensorsFiles),
  gguf: files(ggufFiles),
  pth: files(torchFiles, 2 ** 20),
  lora: once(loraFiles),
  shardIndex: jsonFiles('checkpoints/tiny/diffusers/transformer/diffusion_pytorch_model.safetensors.index.json'),
  tokenizerJson: once(() => [damagedBytes([demoFile('tokenizer.json')]), damagedJsonFile([smallTokenizer()])]),
  sentencePiece: once(() => [
    damagedBytes([demoFile('spiece.model')]),
    damagedBytes([sentencePieceModel({ pieces: SPIECE, charsmap: CHARSMAP })]),
  ]),
  ggufTokenizer: once(() => [damagedBytes([demoGguf({ charsmap: CHARSMAP })])]),
  prompts: once(() => [
    damagedBytes(PROMPTS.map(encode)),
    (random) => encode(pick(random, PARTS).repeat(2 ** random(14)) + pick(random, PROMPTS)),
  ]),
  unfinished: once(() => {
    const whole = [false, true].map((hasImage) => writeUnfinished(unfinishedExample(hasImage)));
    const header = damagedHeader(whole);
    return [
      damagedBytes(whole),
      // With its header's JSON edited, and as many zeros as it has tensors.
      async (random) => {
        const { start, fileBytes } = fileOf(await header(random));
        return joined([start, new Uint8Array(Math.min(fileBytes - start.length, 2 ** 20))]);
      },
    ];
  }),
  tuningTable: once(() => [damagedJsonFile([JSON.stringify(TUNING)])]),
  modelJson: jsonFiles('../public/demo/model.json'),
  modelRecord: once(() => [damagedJsonFile([encodeRecord(RECORD)])]),
  ownResults: once(() => {
    const version1 = textOf('compare/version-1/h100.json');
    const [clip, result] = [JSON.stringify(SAVED_CLIP), JSON.stringify(exampleResult())];
    return [damagedJsonFile([version1, JSON.stringify(worstResult()), clip, result, `[${clip},${result}]`])];
  }),
  references: once(() => [damagedJsonFile([fewReferences()])]),
  streaming: once(() => [damagedJsonFile([JSON.stringify(STREAMING)])]),
  wan22Enhanced: jsonFiles(
    'compare/seed-runs/l40s_01_Speed_Preview_480p.json',
    'compare/seed-runs/v2_l40s_01_Speed_Preview_704p.json',
  ),
  vllmOmni: jsonFiles(
    'compare/import/vllm_video.json',
    'compare/import/vllm_bench.json',
    'compare/import/vllm_bench_records.json',
  ),
  sglang: jsonFiles('compare/import/sglang_baselines.json', 'compare/import/sglang_perf_dump.json'),
  mstar: once(() => [
    damagedJsonFile([textOf('compare/import/mstar_rows.json')]),
    damagedBytes([read('compare/import/mstar_rows.csv')]),
    // Many rows of many cells.
    (random) => encode(`label,system,${','.repeat(2 ** random(16))}\n${'a,"b"\n'.repeat(2 ** random(14))}`),
  ]),
  reported: once(() => [damagedJsonFile(REPORTED.slice(0, 4)), damagedJsonFile(REPORTED.slice(4))]),
  shareLink: once(shareLinks),
  png: once(pngs),
  jpeg: once(jpegs),
};

/** Again and again, these could take a reader longer and longer. */
const PARTS = ['&amp;', 'amp;', ' ', '\u0301', 'Ã', '<', '</s>', '\n', 'ﷺ', '\ud83d', '&', "'", '🦙', '\x1b[', '▁'];
