import { fileURLToPath } from 'node:url';
import { GGMLQuantizationType, gguf } from '@huggingface/gguf';
import { describe, expect, test } from 'vitest';
import { joinFiles, openTensorFile, type StoredTensor } from '../../src/weights/checkpoint';
import type { MetadataList } from '../../src/weights/tensor_file';
import type { Network, Scheme } from '../../src/weights/tensor_names';
import { decodeWeights } from '../../src/weights/weight_types';
import { synth } from '../support/synth';
import { TINY, TINY_HEAD_DIM, tinySource } from '../support/tiny_checkpoints';

interface Layout {
  readonly paths: readonly string[];
  readonly network: Network;
  readonly scheme: Scheme;
  readonly types: readonly string[];
  readonly tensors: number;
}
const DIFFUSERS_DIT = 'diffusers/transformer/diffusion_pytorch_model-0000';
const LAYOUTS: readonly Layout[] = [
  {
    paths: ['original/umt5_tiny_enc_bf16.safetensors'],
    network: 'text',
    scheme: 'original',
    types: ['bf16'],
    tensors: 32,
  },
  { paths: ['original/umt5_tiny_enc_bf16.pth'], network: 'text', scheme: 'original', types: ['bf16'], tensors: 32 },
  {
    paths: ['original/wan_tiny_dit_bf16.safetensors'],
    network: 'dit',
    scheme: 'original',
    types: ['bf16'],
    tensors: 69,
  },
  { paths: ['comfy/wan_tiny_dit_fp16.safetensors'], network: 'dit', scheme: 'original', types: ['f16'], tensors: 69 },
  {
    ...{ paths: ['comfy/umt5_tiny_fp8_e4m3fn_scaled.safetensors'], network: 'text', scheme: 'transformers' },
    ...{ types: ['f16', 'f8_e4m3'], tensors: 32 },
  },
  {
    paths: ['diffusers/text_encoder/model.safetensors'],
    network: 'text',
    scheme: 'transformers',
    types: ['bf16'],
    tensors: 32,
  },
  {
    ...{ paths: [`${DIFFUSERS_DIT}1-of-00002.safetensors`, `${DIFFUSERS_DIT}2-of-00002.safetensors`] },
    ...{ network: 'dit', scheme: 'diffusers', types: ['f32'], tensors: 69 },
  },
  {
    paths: ['gguf/umt5-tiny-encoder-Q8_0.gguf'],
    network: 'text',
    scheme: 'llama.cpp',
    types: ['f32', 'q8_0'],
    tensors: 32,
  },
  {
    paths: ['gguf/wan-tiny-dit-Q8_0.gguf'],
    network: 'dit',
    scheme: 'original',
    types: ['f16', 'f32', 'q8_0'],
    tensors: 69,
  },
];
const openAll = async (paths: readonly string[]) =>
  joinFiles(await Promise.all(paths.map((path) => openTensorFile(tinySource(path)))));

async function numbers({ source, type, beginByte, endByte, scale }: StoredTensor): Promise<ArrayLike<number>> {
  const values = decodeWeights(type!, await source.read(beginByte, endByte));
  if (!scale) return values;
  const [factor] = new Float32Array((await scale.source.read(scale.beginByte, scale.endByte)).buffer);
  return values.map((value) => value * factor!);
}
/** What rounding may change, as a share of the value, and of the largest. */
const ROUNDING: Readonly<Record<string, readonly [number, number]>> = { f8_e4m3: [1 / 16, 1e-4], q8_0: [0, 1 / 250] };

describe.for(LAYOUTS)('$paths', ({ paths, network, scheme, types, tensors: count }) => {
  test('is recognised, and all of it has a place', async () => {
    const { parts, tensors, unmapped } = await openAll(paths);
    expect(parts.map((part) => [part.network, part.scheme, part.prefix])).toEqual(
      paths.map(() => [network, scheme, '']),
    );
    expect(tensors.size).toBe(count);
    expect([...new Set([...tensors.values()].map(({ type }) => type))].sort()).toEqual(types);
    const extras = paths[0]!.includes('scaled') ? ['scaled_fp8', 'spiece_model'] : [];
    expect(unmapped.map(({ name }) => name)).toEqual(extras);
  });

  test('has under each original name the numbers of that name', async () => {
    for (const [name, tensor] of (await openAll(paths)).tensors) {
      const expected = synth(name, tensor.shape, TINY_HEAD_DIM);
      const found = await numbers(tensor);
      expect(found.length, name).toBe(expected.length);
      const [share, ofLargest] = ROUNDING[tensor.type!] ?? [0, 0];
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const far = expected.findIndex(
        (value, i) => !(Math.abs(value - found[i]!) <= Math.abs(value) * share + largest * ofLargest),
      );
      expect(far, name).toBe(-1);
    }
  });
});

test.for([
  ['original/wan_tiny_vae_bf16.header', 'original', 'bf16'],
  ['diffusers/vae/diffusion_pytorch_model.header', 'diffusers', 'bf16'],
] as const)('%s names the VAE as the other does', async ([path, scheme, type]) => {
  const { parts, tensors, unmapped } = await openAll([path]);
  expect([parts.map((part) => [part.network, part.scheme]), unmapped]).toEqual([[['vae', scheme]], []]);
  const { tensors: original } = await openAll(['original/wan_tiny_vae_bf16.header']);
  const shapes = (of: typeof tensors) => [...of].map(([name, { shape }]) => [name, shape]).sort();
  expect(shapes(tensors)).toEqual(shapes(original));
  expect([...new Set([...tensors.values()].map((tensor) => tensor.type))]).toEqual([type]);
});

test('the scaled encoder has a scale with each fp8 matrix, and its tokenizer verbatim', async () => {
  const { tensors, unmapped } = await openAll(['comfy/umt5_tiny_fp8_e4m3fn_scaled.safetensors']);
  for (const [name, { type, scale }] of tensors) expect(scale !== undefined, name).toBe(type === 'f8_e4m3');
  const { beginByte, endByte } = unmapped.find(({ name }) => name === 'spiece_model')!;
  expect(endByte - beginByte).toBe(250_130);
});

describe.for(['gguf/umt5-tiny-encoder-Q8_0.gguf', 'gguf/wan-tiny-dit-Q8_0.gguf'])('%s', (path) => {
  test("is read as Hugging Face's own parser reads it", async () => {
    const file = await openTensorFile(tinySource(path));
    const theirs = await gguf(fileURLToPath(new URL(path, TINY)), { allowLocalFile: true });
    const start = Number(theirs.tensorDataOffset);
    expect(
      [...file.tensors].map(([name, { dtype, shape, beginByte }]) => [name, dtype, [...shape].reverse(), beginByte]),
    ).toEqual(
      theirs.tensorInfos.map(({ name, dtype, shape, offset }) => [
        name,
        GGMLQuantizationType[dtype],
        shape.map(Number),
        start + Number(offset),
      ]),
    );
    const ends = [...file.tensors.values()].map(({ endByte }) => endByte);
    const next = [...[...file.tensors.values()].slice(1).map(({ beginByte }) => beginByte), file.source.bytes];
    for (const [i, end] of ends.entries()) expect(next[i]! - end, `${i}`).toBeLessThan(32);

    const { version, tensor_count, kv_count, ...metadata } = theirs.metadata as unknown as Record<string, unknown>;
    const isList = (value: unknown): value is MetadataList => typeof value === 'object';
    const ours = Object.entries(file.metadata).map(([key, value]) => [key, isList(value) ? value.values() : value]);
    expect(ours).toEqual(Object.entries(metadata));
    expect([Number(tensor_count), Number(kv_count)]).toEqual([file.tensors.size, ours.length]);
  });
});
