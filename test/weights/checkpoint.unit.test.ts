import { describe, expect, test } from 'vitest';
import { blobSource } from '../../src/weights/byte_source';
import { findTensor, joinFiles, openSafetensors, openTensorFile } from '../../src/weights/checkpoint';
import type { SafetensorsDtype } from '../../src/weights/safetensors';
import type { TensorFile } from '../../src/weights/tensor_file';
import { MOST_SECONDS, processorSeconds } from '../fuzz/judge';
import { type FileTensor, safetensorsSource } from '../support/safetensors_file';

const tensor = (shape: number[]) =>
  ({ dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }) as const;
const bytes = (dtype: SafetensorsDtype, shape: number[], elementBytes = 1): FileTensor => ({
  dtype,
  shape,
  data: new Uint8Array(shape.reduce((a, b) => a * b, elementBytes)),
});
const open = (name: string, ...file: Parameters<typeof safetensorsSource> extends [string, ...infer F] ? F : never) =>
  openTensorFile(safetensorsSource(name, ...file));
const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

test('finds a tensor and the file it lies in', async () => {
  const sources = [
    safetensorsSource('a', { 'norm.weight': tensor([2, 3]) }),
    safetensorsSource('b', { 'head.head.bias': tensor([4]) }),
  ];
  const checkpoint = joinFiles(await Promise.all(sources.map((source) => openTensorFile(source))));
  expect(checkpoint.label).toBe('a, b');
  expect(findTensor(checkpoint, 'head.head.bias', [4]).source.name).toBe(sources[1]!.name);
  expect(checkpoint.parts.map(({ network, scheme, file }) => [network, scheme, file.source.name])).toEqual([
    ['text', 'original', 'a'],
    ['dit', 'original', 'b'],
  ]);
});

test('names what is missing, what differs, and what is there twice', async () => {
  const file = await open('a', { 'norm.weight': tensor([2, 3]) });
  const checkpoint = joinFiles([file]);
  expect(() => findTensor(checkpoint, 'z', [1])).toThrow(
    failure('weights-missing', /^z is not among the 1 tensors of a/),
  );
  expect(() => findTensor(checkpoint, 'norm.weight', [3, 2])).toThrow(
    failure('shape-mismatch', /norm\.weight has shape \[2, 3\].*\[3, 2\]/),
  );
  expect(() => joinFiles([file, file])).toThrow(failure('file-invalid', /norm\.weight is in a and in a/));
  const other = await open('b', { 'encoder.final_layer_norm.weight': tensor([2, 3]) });
  expect(() => joinFiles([file, other])).toThrow(failure('file-invalid', /norm\.weight is in a and in b/));
});

test('dimensions of 1 in front, which ggml drops, make no difference', async () => {
  const checkpoint = joinFiles([await open('a', { 'head.modulation': tensor([2, 8]), 'norm.weight': tensor([1]) })]);
  expect(findTensor(checkpoint, 'head.modulation', [1, 2, 8]).shape).toEqual([1, 2, 8]);
  expect(findTensor(checkpoint, 'norm.weight', []).shape).toEqual([]);
  expect(() => findTensor(checkpoint, 'head.modulation', [2, 1, 8])).toThrow(failure('shape-mismatch', /\[2, 8\]/));
});

test('what belongs to no network stays reachable', async () => {
  const file = await open('a', { spiece_model: bytes('U8', [3]), 'norm.weight': tensor([1]), x: tensor([2]) });
  const { tensors, unmapped } = joinFiles([file]);
  expect([...tensors.keys()]).toEqual(['norm.weight']);
  expect(unmapped.map(({ name, dtype, endByte, beginByte }) => [name, dtype, endByte - beginByte])).toEqual([
    ['spiece_model', 'U8', 3],
    ['x', 'F32', 8],
  ]);
});

describe("the embedding under both of Transformers' names", () => {
  const names = ['shared.weight', 'encoder.embed_tokens.weight'] as const;

  test('is one', async () => {
    for (const [first, second] of [names, [...names].reverse() as [string, string]]) {
      const { tensors } = joinFiles([await open('a', { [first]: tensor([4, 2]), [second]: tensor([4, 2]) })]);
      expect([...tensors.keys()]).toEqual(['token_embedding.weight']);
    }
  });

  test('is an error where the two differ', async () => {
    const file = await open('a', { [names[0]]: tensor([4, 2]), [names[1]]: tensor([4, 3]) });
    expect(() => joinFiles([file])).toThrow(failure('file-invalid', /token_embedding\.weight is in a and in a/));
  });
});

describe('the scale of an fp8 weight', () => {
  const weight = bytes('F8_E4M3', [4, 6]);
  const name = 'blocks.0.ffn.0';
  const scaled = async (scaleName: string, scale: FileTensor, more = {}) =>
    joinFiles([await open('a', { [`${name}.weight`]: weight, [`${name}.${scaleName}`]: scale, ...more })]);

  test.for<[string, FileTensor]>([
    ['scale_weight', tensor([])],
    ['scale_weight', tensor([1])],
    ['weight_scale', tensor([4])],
    ['weight_scale', tensor([4, 1])],
    ['weight_scale', bytes('BF16', [1], 2)],
    ['scale_weight', bytes('F16', [4], 2)],
  ])('goes with it: %s', async ([scaleName, scale]) => {
    const { tensors, unmapped } = await scaled(scaleName, scale, { scaled_fp8: bytes('F8_E4M3', [2]) });
    expect([...tensors.keys()]).toEqual([`${name}.weight`]);
    const { scale: found } = findTensor({ tensors, label: '' } as never, `${name}.weight`, [4, 6]);
    expect([found?.dtype, found?.shape]).toEqual([scale.dtype, scale.shape]);
    expect(unmapped.map((extra) => extra.name)).toEqual(['scaled_fp8']);
  });

  test('may lie in another file, and in the names of another scheme', async () => {
    const { tensors } = joinFiles([
      await open('a', { 'blocks.0.ffn.net.0.proj.scale_weight': tensor([1]) }),
      await open('b', { 'blocks.0.ffn.net.0.proj.weight': weight }),
    ]);
    expect(tensors.get('blocks.0.ffn.0.weight')?.scale?.source.name).toBe('a');
  });

  test('goes with the weight of the first file, where two mean different ones by one name', async () => {
    const scale = await open('a', { 'blocks.0.norm2.scale_weight': tensor([1]) });
    const dit = await open('b', { 'blocks.0.norm2.weight': weight, 'blocks.0.attn1.to_q.weight': weight });
    const text = await open('c', { 'blocks.0.norm2.weight': weight, 'blocks.0.attn.q.weight': weight });
    const scaledOf = (...files: TensorFile[]) =>
      [...joinFiles(files).tensors].flatMap(([name, { scale }]) => (scale ? [name] : []));
    expect(scaledOf(scale, dit, text)).toEqual(['blocks.0.norm3.weight']);
    expect(scaledOf(scale, text, dit)).toEqual(['blocks.0.norm2.weight']);
  });

  test('is found among thousands of files, soon', async () => {
    const [count, scales] = [2000, 15];
    const names = Array.from({ length: count }, (_, i) => Array.from({ length: scales }, (_, j) => `x.${i}.${j}`));
    const entry = { dtype: 'F32', type: 'f32', shape: [], beginByte: 0, endByte: 4 } as const;
    const { source } = await open('a', {});
    const files = names.map((layers) => ({
      ...({ source, format: 'safetensors', metadata: {} } as const),
      tensors: new Map(layers.map((layer) => [`${layer}.scale_weight`, entry])),
    }));
    const before = processorSeconds();
    expect(joinFiles(files).unmapped).toHaveLength(count * scales);
    expect(processorSeconds() - before).toBeLessThan(MOST_SECONDS);
  });

  test.for<[string, FileTensor, RegExp]>([
    ['of another length', tensor([6]), /F32 \[6\].*each of the 4 rows/],
    ['for blocks of a row', tensor([4, 2]), /F32 \[4, 2\]/],
    ['in fp8', bytes('F8_E4M3', [4]), /F8_E4M3 \[4\]; read are F32/],
  ])('%s is refused', async ([, scale, message]) => {
    await expect(scaled('weight_scale', scale)).rejects.toEqual(failure('file-invalid', message));
  });

  test('is refused twice', async () => {
    const both = scaled('weight_scale', tensor([1]), { [`${name}.scale_weight`]: tensor([1]) });
    await expect(both).rejects.toEqual(failure('file-invalid', /has two scales, in a and a/));
  });

  test('of a weight that no kernel decodes is left to whoever knows its format', async () => {
    const file = await open('a', { [`${name}.weight`]: bytes('I8', [4, 6]), [`${name}.weight_scale`]: tensor([4, 3]) });
    const { tensors, unmapped } = joinFiles([file]);
    expect(tensors.get(`${name}.weight`)).toMatchObject({ dtype: 'I8', type: null });
    expect(unmapped.map((extra) => extra.name)).toEqual([`${name}.weight_scale`]);
  });
});

test('reads a header longer than the first read', async () => {
  const source = safetensorsSource('a', { x: tensor([1]) }, { long: 'x'.repeat(400_000) });
  expect((await openSafetensors(source)).tensors.has('x')).toBe(true);
  expect((await openTensorFile(source)).metadata.long).toHaveLength(400_000);
});

test('names the file that is none', async () => {
  for (const open of [openSafetensors, openTensorFile])
    await expect(open(blobSource('picture.png', new Blob(['no'])))).rejects.toEqual(
      failure('file-invalid', /^picture\.png: Not a usable safetensors file/),
    );
  await expect(openTensorFile(blobSource('a.bin', new Blob(['GGUF'])))).rejects.toEqual(
    failure('file-invalid', /^a\.bin: Not a usable GGUF file/),
  );
  await expect(openTensorFile(blobSource('a.zip', new Blob(['PK\x03\x04'])))).rejects.toEqual(
    failure('file-invalid', /^a\.zip: Not a usable PyTorch file/),
  );
});
