import { expect, test } from 'vitest';
import { blobSource } from '../../src/weights/byte_source';
import { findTensor, joinFiles, openSafetensors } from '../../src/weights/checkpoint';
import { safetensorsSource } from '../support/safetensors_file';

const tensor = (shape: number[]) =>
  ({ dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }) as const;

test('finds a tensor and the file it lies in', async () => {
  const files = [safetensorsSource('a', { x: tensor([2, 3]) }), safetensorsSource('b', { y: tensor([4]) })];
  const checkpoint = joinFiles(await Promise.all(files.map((file) => openSafetensors(file))));
  expect(checkpoint.label).toBe('a, b');
  expect(findTensor(checkpoint, 'y', [4]).source).toBe(files[1]);
});

test('names what is missing, what differs, and what is there twice', async () => {
  const file = await openSafetensors(safetensorsSource('a', { x: tensor([2, 3]) }));
  const checkpoint = joinFiles([file]);
  const code = (expected: string, message: RegExp) =>
    expect.objectContaining({ code: expected, message: expect.stringMatching(message) });
  expect(() => findTensor(checkpoint, 'z', [1])).toThrow(code('weights-missing', /^z is not among the 1 tensors of a/));
  expect(() => findTensor(checkpoint, 'x', [3, 2])).toThrow(code('shape-mismatch', /x has shape \[2, 3\].*\[3, 2\]/));
  expect(() => joinFiles([file, file])).toThrow(code('file-invalid', /x is in a and in a/));
});

test('reads a header longer than the first read', async () => {
  const source = safetensorsSource('a', { x: tensor([1]) }, { long: 'x'.repeat(400_000) });
  expect((await openSafetensors(source)).tensors.has('x')).toBe(true);
});

test('names the file that is none', async () => {
  await expect(openSafetensors(blobSource('picture.png', new Blob(['no'])))).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringMatching(/^picture\.png: Not a usable safetensors file/),
  });
});
