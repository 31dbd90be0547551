import { expect, test } from 'vitest';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { inspect } from '../../src/weights/inspection';
import { safetensorsSource } from '../support/safetensors_file';
import { tinySource } from '../support/tiny_checkpoints';

const EXPECTED = {
  text: new Map([
    ['norm.weight', [4]],
    ['token_embedding.weight', [8, 4]],
    ['blocks.0.attn.q.weight', [2, 4]],
  ]),
  dit: new Map([['head.modulation', [1, 2, 4]]]),
  vae: new Map<string, number[]>(),
  tiny: new Map([['taehv.decoder.22.bias', [12]]]),
};
const zeros = (count: number) => new Float32Array(count);

test('tells what is missing, unexpected and of another shape, and what belongs to nothing', async () => {
  const source = safetensorsSource('a', {
    'norm.weight': { dtype: 'F32', shape: [5], data: zeros(5) },
    'blocks.0.attn.q.weight': { dtype: 'F8_E4M3', shape: [2, 4], data: new Uint8Array(8) },
    'blocks.0.attn.q.scale_weight': { dtype: 'F32', shape: [1], data: zeros(1) },
    'blocks.0.attn.k.weight': { dtype: 'I8', shape: [2, 4], data: new Uint8Array(8) },
    'blocks.0.attn.k.comfy_quant': { dtype: 'U8', shape: [2], data: new Uint8Array(2) },
    'blocks.0.attn.q.scale_input': { dtype: 'F32', shape: [], data: zeros(1) },
    scaled_fp8: { dtype: 'F8_E4M3', shape: [2], data: new Uint8Array(2) },
    spiece_model: { dtype: 'U8', shape: [3], data: new Uint8Array(3) },
    ema_step: { dtype: 'I32', shape: [], data: new Int32Array(1) },
  });
  const other = safetensorsSource('b', { scale_shift_table: { dtype: 'F32', shape: [2, 4], data: zeros(8) } });
  const checkpoint = joinFiles([await openTensorFile(source), await openTensorFile(other)]);
  expect(inspect(checkpoint, EXPECTED)).toEqual({
    label: 'a, b',
    fileBytes: source.bytes + other.bytes,
    networks: [
      {
        network: 'text',
        files: [{ name: 'a', format: 'safetensors', scheme: 'original', prefix: '' }],
        ...{ tensors: 3, parameters: 21, bytes: 20 + 8 + 8 + 4, scaled: 1 },
        types: [
          { dtype: 'F32', type: 'f32', tensors: 1, parameters: 5, bytes: 20 },
          { dtype: 'F8_E4M3', type: 'f8_e4m3', tensors: 1, parameters: 8, bytes: 8 },
          { dtype: 'I8', type: null, tensors: 1, parameters: 8, bytes: 8 },
        ],
        missing: ['token_embedding.weight'],
        unexpected: ['blocks.0.attn.k.weight'],
        differing: [{ name: 'norm.weight', shape: [5], expected: [4] }],
      },
      {
        network: 'dit',
        files: [{ name: 'b', format: 'safetensors', scheme: 'diffusers', prefix: '' }],
        ...{ tensors: 1, parameters: 8, bytes: 32, scaled: 0 },
        types: [{ dtype: 'F32', type: 'f32', tensors: 1, parameters: 8, bytes: 32 }],
        ...{ missing: [], unexpected: [], differing: [] },
      },
    ],
    lora: null,
    tokenizer: 'a',
    others: [{ name: 'ema_step', dtype: 'I32', shape: [], bytes: 4 }],
  });
});

test('knows the half of the tiny decoder’s file that is not used', async () => {
  const source = safetensorsSource('taew2_2', {
    'encoder.17.bias': { dtype: 'F16', shape: [48], data: new Uint16Array(48) },
    'encoder.18.bias': { dtype: 'F16', shape: [1], data: new Uint16Array(1) },
    'decoder.22.bias': { dtype: 'F16', shape: [12], data: new Uint16Array(12) },
    'decoder.1.bias': { dtype: 'F16', shape: [256], data: new Uint16Array(256) },
  });
  const { networks, others } = inspect(joinFiles([await openTensorFile(source)]), EXPECTED);
  expect(networks).toMatchObject([
    { network: 'tiny', tensors: 3, missing: [], unexpected: ['taehv.decoder.1.bias'], differing: [] },
  ]);
  expect(others.map(({ name }) => name)).toEqual(['encoder.18.bias']);
});

test('finds the tokenizer in the metadata of a GGUF file', async () => {
  const path = 'gguf/umt5-tiny-encoder-Q8_0.gguf';
  const checkpoint = joinFiles([await openTensorFile(tinySource(path))]);
  expect(inspect(checkpoint, EXPECTED).tokenizer).toBe(path);
});
