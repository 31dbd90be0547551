/** The hub's files are what they claim: the published layouts, and the values of synth-v1 under the original names. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { HubFile } from '../../src/hub/hub_file';
import { networkTensors, schemeName, TINY } from '../../src/hub/networks';
import { findRepositories } from '../../src/hub/repositories';
import { WAN22_SIZES as FULL } from '../../src/pipeline/expected_tensors';
import { parseSafetensorsHeader, safetensorsHeaderBytes } from '../../src/weights/safetensors';
import { synthRule, synthValues } from '../../src/weights/synth_rule';
import { decodeWeights, type WeightType } from '../../src/weights/weight_types';

const find = findRepositories();

function file(repository: string, path: string): HubFile {
  const found = find(repository)?.files.get(path);
  if (!found) throw new Error(`${repository} has no ${path}.`);
  return found;
}

async function headerOf(source: HubFile) {
  const end = safetensorsHeaderBytes(await source.read(0, 8), source.bytes);
  return parseSafetensorsHeader(await source.read(0, end), source.bytes);
}

const TYPES: Record<string, WeightType> = { F32: 'f32', F16: 'f16', BF16: 'bf16' };
const decode = (dtype: string, bytes: Uint8Array) => decodeWeights(TYPES[dtype]!, bytes);

/** Different on each run would be hard to repeat: a small generator of its own. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('the tiny files', () => {
  // Of the files that the project's reference checkpoints have under these names.
  test.for([
    ['original/wan_tiny_dit_bf16.safetensors', '75cbee5907da2c2990ddf1475d1d770c56b932f4f55c64482e772a6a56c327a6'],
    ['original/umt5_tiny_enc_bf16.safetensors', '97439513d66ac21e0e8a0fb1e1f2e5cdd35b20a4dc150963e5f667d5126214f0'],
    ['original/wan_tiny_vae_bf16.safetensors', '005d42d69bf664d8d027ad356264f15d18e7a25eac3db60e773c02acbf96387e'],
    ['diffusers/text_encoder/model.safetensors', '125a5b69b832ecfcccdc90c12f052350baa8be8e50dc78e6a8a40e10975edbb1'],
    [
      'diffusers/vae/diffusion_pytorch_model.safetensors',
      'ce3d330681f90eae9c49f5c71daab07e43ae40309fa4799734950771243a41c1',
    ],
    ['comfy/wan_tiny_dit_fp16.safetensors', 'ef657772354a82f3f96567580f297d3b0270482737eb430b6d4f98849a77f8c6'],
  ] as const)('%s are the reference checkpoint, byte for byte', async ([path, sha256]) => {
    const tiny = file('wanscope/tiny', path);
    expect(
      createHash('sha256')
        .update(await tiny.read(0, tiny.bytes))
        .digest('hex'),
    ).toBe(sha256);
  });

  test('have the GGUF header of the reference checkpoint, whose quantiser rounds where this one need not', async () => {
    const header = await file('wanscope/tiny', 'gguf/wan-tiny-dit-Q8_0.gguf').read(0, 4352);
    expect(createHash('sha256').update(header).digest('hex')).toBe(
      '0b0eb9e9c0e674815b5d8f457516d746983a0a7ca2d9d64606af33419a3b802a',
    );
  });

  test('are the same in any cut', async () => {
    const tiny = file('wanscope/tiny', 'gguf/wan-tiny-dit-Q8_0.gguf');
    const whole = await tiny.read(0, tiny.bytes);
    const numbers = random(1);
    for (let i = 0; i < 300; i++) {
      const begin = Math.floor(numbers.next().value * tiny.bytes);
      const end = Math.min(tiny.bytes, begin + Math.floor(numbers.next().value * 20_000));
      expect(Buffer.compare(await tiny.read(begin, end), whole.subarray(begin, end))).toBe(0);
    }
  });
});

describe('the published sizes', () => {
  test('are those of the networks', () => {
    const parameters = (network: 'dit' | 'text' | 'vae') =>
      networkTensors(network, FULL).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect([parameters('dit'), parameters('text'), parameters('vae')]).toEqual([
      4_999_787_712, 5_680_910_336, 704_688_668,
    ]);
  });

  test('come in the published shards', () => {
    const official = find('Wan-AI/Wan2.2-TI2V-5B')!.files;
    expect(official.get('diffusion_pytorch_model-00003-of-00003.safetensors')!.bytes).toBe(178_558_176);
    const megabytes = [1, 2, 3].map((shard) =>
      Math.round(
        file('Wan-AI/Wan2.2-TI2V-5B-Diffusers', `text_encoder/model-0000${shard}-of-00003.safetensors`).bytes / 1e7,
      ),
    );
    expect(megabytes).toEqual([494, 498, 144]);
    const gguf = file('QuantStack/Wan2.2-TI2V-5B-GGUF', 'Wan2.2-TI2V-5B-Q8_0.gguf').bytes;
    expect(gguf / 2 ** 30).toBeCloseTo(5.03, 2);
  });
});

describe.for([
  ['Wan-AI/Wan2.2-TI2V-5B', 'diffusion_pytorch_model-00002-of-00003.safetensors', 'dit', 'original'],
  ['Wan-AI/Wan2.2-TI2V-5B', 'models_t5_umt5-xxl-enc-bf16.safetensors', 'text', 'original'],
  [
    'Wan-AI/Wan2.2-TI2V-5B-Diffusers',
    'transformer/diffusion_pytorch_model-00001-of-00003.safetensors',
    'dit',
    'diffusers',
  ],
  ['Wan-AI/Wan2.2-TI2V-5B-Diffusers', 'text_encoder/model-00001-of-00003.safetensors', 'text', 'transformers'],
  ['Wan-AI/Wan2.2-TI2V-5B-Diffusers', 'vae/diffusion_pytorch_model.safetensors', 'vae', 'diffusers'],
  [
    'Comfy-Org/Wan_2.2_ComfyUI_Repackaged',
    'split_files/diffusion_models/wan2.2_ti2v_5B_fp16.safetensors',
    'dit',
    'original',
  ],
  [
    'Comfy-Org/Wan_2.2_ComfyUI_Repackaged',
    'split_files/text_encoders/umt5_xxl_fp16.safetensors',
    'text',
    'transformers',
  ],
  ['Comfy-Org/Wan_2.2_ComfyUI_Repackaged', 'split_files/vae/wan2.2_vae.safetensors', 'vae', 'original'],
] as const)('%s %s', ([repository, path, network, scheme]) => {
  test('has the values of synth-v1 at random places', async () => {
    const source = file(repository, path);
    const { tensors } = await headerOf(source);
    const specs = networkTensors(network, FULL);
    const originals = new Map(specs.map((spec) => [schemeName(network, scheme, spec.name), spec]));
    const numbers = random(path.length);
    const names = [...tensors.keys()];
    for (let i = 0; i < 60; i++) {
      const name = names[Math.floor(numbers.next().value * names.length)]!;
      const spec = originals.get(name)!;
      const { dtype, shape, beginByte, endByte } = tensors.get(name)!;
      expect(shape).toEqual(spec.shape);
      const count = shape.reduce((product, size) => product * size, 1);
      const width = (endByte - beginByte) / count;
      const start = Math.floor(numbers.next().value * count);
      const length = Math.min(300, count - start);
      const bytes = await source.read(beginByte + start * width, beginByte + (start + length) * width);
      expect(decode(dtype, bytes)).toEqual(synthValues(synthRule(spec.name, spec.shape, 64), start, length));
    }
  });
});

test('Q8_0 blocks decode to the values of synth-v1 exactly', async () => {
  const specs = networkTensors('dit', TINY).filter(({ name }) => /blocks\..*(attn\..|ffn\..)\.weight$/.test(name));
  const tiny = file('wanscope/tiny', 'gguf/wan-tiny-dit-Q8_0.gguf');
  const whole = await tiny.read(0, tiny.bytes);
  expect(specs.length).toBe(20);
  for (const { name, shape } of specs) {
    const begin = ggufBegin(whole, name);
    const count = shape.reduce((product, size) => product * size, 1);
    const values = decodeWeights('q8_0', whole.subarray(begin, begin + (count / 32) * 34));
    const expected = synthValues(synthRule(name, shape), 0, count);
    expect(values.findIndex((value, i) => value !== expected[i])).toBe(-1);
  }
});

/** First byte of a tensor, by its entry in the header: name, count and sizes of dimensions, type, offset. */
function ggufBegin(bytes: Uint8Array<ArrayBuffer>, name: string): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const rank = buffer.indexOf(name) + name.length;
  const dimensions = buffer.readUInt32LE(rank);
  const offset = Number(buffer.readBigUInt64LE(rank + 4 + 8 * dimensions + 4));
  const last = buffer.indexOf('head.head.bias') + 'head.head.bias'.length;
  const headerEnd = last + 4 + 8 + 4 + 8;
  return Math.ceil(headerEnd / 32) * 32 + offset;
}
