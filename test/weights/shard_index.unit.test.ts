import { describe, expect, test } from 'vitest';
import { openTensorFile } from '../../src/weights/checkpoint';
import { openInFolder } from '../../src/weights/checkpoint_folder';
import { checkShards, parseShardIndex, shardNames } from '../../src/weights/shard_index';
import { safetensorsSource } from '../support/safetensors_file';
import { sparseSource } from '../support/sparse_source';

const index = (json: unknown) =>
  parseShardIndex(
    'm.safetensors.index.json',
    new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json)),
  );
const one = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;
const files = async (shards: Record<string, string[]>) =>
  new Map(
    await Promise.all(
      Object.entries(shards).map(async ([name, tensors]) => {
        const source = safetensorsSource(name, Object.fromEntries(tensors.map((tensor) => [tensor, one])));
        return [name, await openTensorFile(source)] as const;
      }),
    ),
  );

test('says which files there are and which tensor is in which', async () => {
  const parsed = index({ metadata: { total_size: 8 }, weight_map: { x: 'b', y: 'a', z: 'b' } });
  expect([parsed.shards, [...parsed.shardOf]]).toEqual([
    ['a', 'b'],
    [
      ['x', 'b'],
      ['y', 'a'],
      ['z', 'b'],
    ],
  ]);
  checkShards(parsed, await files({ a: ['y'], b: ['x', 'z'] }));
});

describe('refuses', () => {
  test.for([
    ['text', 'not JSON', 'is not JSON'],
    ['nothing', 'null', 'has no weight_map'],
    ['a list', { weight_map: ['a'] }, 'has no weight_map'],
    ['no files', { weight_map: {} }, 'names 0 files'],
    ['a way out of the folder', { weight_map: { x: '../../secret' } }, '"../../secret", which is not'],
    ['the folder above', { weight_map: { x: '..' } }, '"..", which is not'],
    ['a number', { weight_map: { x: 7 } }, 'a number, which is not'],
  ] as const)('%s', ([, json, message]) => {
    expect(() => index(json)).toThrow(
      expect.objectContaining({ code: 'file-invalid', message: expect.stringContaining(message) }),
    );
  });

  test('one that is too long, before any of it is read', async () => {
    const source = sparseSource('m.safetensors.index.json', new Uint8Array(), 2 ** 40);
    const folder = { name: 'folder', open: async () => source };
    await expect(openInFolder(folder, source.name)).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringContaining('it has 1099511627776 bytes, at most 4000000 are read'),
    });
    expect(source.reads).toEqual([]);
  });

  test.for<[what: string, shards: Record<string, string[]>, code: string, message: string]>([
    ['a shard that is missing', { a: ['y'] }, 'weights-missing', 'names 2 files, 1 of them are missing: b'],
    [
      'a tensor that is not where it should be',
      { a: ['y'], b: ['w'] },
      'file-invalid',
      'puts x into b, where it is not',
    ],
    [
      'a tensor that is listed nowhere',
      { a: ['y', 'w'], b: ['x'] },
      'file-invalid',
      'a holds w, which m.safetensors.index.json puts into no file',
    ],
  ])('%s', async ([, shards, code, message]) => {
    const opened = await files(shards);
    expect(() => checkShards(index({ weight_map: { x: 'b', y: 'a' } }), opened)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

test('a shard tells the names of all', () => {
  expect(shardNames('m-00002-of-00003.safetensors')).toEqual([
    'm-00001-of-00003.safetensors',
    'm-00002-of-00003.safetensors',
    'm-00003-of-00003.safetensors',
  ]);
  for (const name of ['m.safetensors', 'm-00001-of-00000.gguf', 'm-00001-of-99999.gguf', 'm-1-of-2.safetensors'])
    expect(shardNames(name)).toBeNull();
});
