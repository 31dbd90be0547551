/** Checkpoints opened from repositories of the synthetic hub: real names and sizes, only headers are fetched. */
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/cli/open_checkpoint';
import { parseAddress, type RepositoryAddress } from '../../src/weights/address';
import { type ListedFolder, openFolder } from '../../src/weights/checkpoint_folder';
import { openRepository } from '../../src/weights/repository_folder';
import { MOST_SECONDS, processorSeconds } from '../fuzz/judge';
import { hubForTests, quickClient } from '../support/hub';
import { safetensorsSource } from '../support/safetensors_file';

const hub = hubForTests({ hashBytes: 0 });
const open = (address: string) =>
  openRepository(parseAddress(address, hub().url) as RepositoryAddress, { client: quickClient() });
const served = () => Object.values(hub().counts().files).reduce((sum, { bytes }) => sum + bytes, 0);

describe('a repository', () => {
  test.for<[string, string, number]>([
    ['Wan-AI/Wan2.2-TI2V-5B', 'original', 19.999e9 + 11.362e9 + 2.819e9],
    ['Wan-AI/Wan2.2-TI2V-5B-Diffusers', 'diffusers', 19.999e9 + 11.362e9 + 2.819e9],
    ['Comfy-Org/Wan_2.2_ComfyUI_Repackaged', 'original', 9.9996e9 + 11.362e9 + 1.409e9],
  ])('%s is opened whole, for a few megabytes of headers', async ([repo, scheme, bytes]) => {
    const { parts, tensors } = await open(repo);
    expect(new Set(parts.map(({ network }) => network))).toEqual(new Set(['dit', 'text', 'vae']));
    expect(parts.find(({ network }) => network === 'dit')!.scheme).toBe(scheme);
    expect(tensors.size).toBe(825 + 242 + 196);
    const stored = [...tensors.values()].reduce((sum, { beginByte, endByte }) => sum + endByte - beginByte, 0);
    expect(Math.abs(stored / bytes - 1)).toBeLessThan(1e-3);
    expect(served()).toBeLessThan(8e6);
  });

  test('is opened by a folder, a shard, an index or a page', async () => {
    const repo = 'Wan-AI/Wan2.2-TI2V-5B-Diffusers';
    const shard = 'transformer/diffusion_pytorch_model-00002-of-00003.safetensors';
    for (const address of [
      `${repo}/transformer`,
      `${repo}/${shard}`,
      `${repo}/transformer/diffusion_pytorch_model.safetensors.index.json`,
      `${hub().url}/${repo}/tree/main/transformer`,
      `${hub().url}/${repo}/blob/main/${shard}`,
    ])
      expect((await open(address)).tensors.size, address).toBe(825);
  });

  test('says what is not in it', async () => {
    await expect(open('wanscope/tiny/nothing')).rejects.toMatchObject({
      code: 'weights-missing',
      message: expect.stringContaining('wanscope/tiny/nothing'),
    });
  });
});

describe('a folder', () => {
  /** Of so many files with so many tensors in each, all of other names. */
  function folderOf(files: number, tensors: number): ListedFolder {
    const shape = { dtype: 'F32', shape: [1], data: new Float32Array(1) } as const;
    const blobs = Array.from({ length: files }, (_, i) =>
      Object.fromEntries(Array.from({ length: tensors }, (_, j) => [`blocks.${i}.${j}.x`, shape])),
    );
    const open = async (path: string) => safetensorsSource(path, blobs[Number.parseInt(path, 10)]!);
    return { name: 'many', paths: blobs.map((_, i) => `${i}.safetensors`), open };
  }

  test('of hundreds of files is joined soon', async () => {
    const folder = folderOf(500, 1);
    const before = processorSeconds();
    expect((await openFolder(folder)).files).toHaveLength(500);
    expect(processorSeconds() - before).toBeLessThan(MOST_SECONDS);
  });

  test.for<[number, number, RegExp]>([
    [1001, 1, /^many has 1001 files .* at most 1000/],
    [9, 6000, /^many has 54000 tensors .* at most 50000/],
  ])('of %d files with %d tensors in each is refused', async ([files, tensors, message]) => {
    await expect(openFolder(folderOf(files, tensors))).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(message),
    });
  });

  test('with two forms of one network says which files hold it', async () => {
    const one = { dtype: 'F32', shape: [1], data: new Float32Array(1) } as const;
    const files: Record<string, readonly string[]> = {
      'a.safetensors': ['blocks.0.modulation', 'head.head.bias'],
      'b.safetensors': ['blocks.1.modulation'],
      'c.safetensors': ['proj_out.bias'],
      'd.safetensors': ['encoder.conv1.bias'],
    };
    const open = async (path: string) =>
      safetensorsSource(path, Object.fromEntries(files[path]!.map((name) => [name, one])));
    await expect(openFolder({ name: 'both', paths: Object.keys(files), open })).rejects.toMatchObject({
      message: expect.stringMatching(/^both holds the transformer 2 times: a\.safetensors, c\.safetensors\./),
    });
  });
});

describe('on the command line', () => {
  const withEndpoint = async <T>(use: () => Promise<T>): Promise<T> => {
    process.env.HF_ENDPOINT = hub().url;
    try {
      return await use();
    } finally {
      delete process.env.HF_ENDPOINT;
    }
  };

  test('a name that is no file here is one of a repository', async () => {
    const { tensors } = await withEndpoint(() =>
      openCheckpoint('QuantStack/Wan2.2-TI2V-5B-GGUF/Wan2.2-TI2V-5B-Q8_0.gguf'),
    );
    const { type, source } = tensors.get('blocks.0.ffn.0.weight')!;
    expect([type, source.name]).toEqual(['q8_0', 'QuantStack/Wan2.2-TI2V-5B-GGUF/Wan2.2-TI2V-5B-Q8_0.gguf']);
  });

  test('a name that is neither is told with both reasons', async () => {
    await expect(withEndpoint(() => openCheckpoint('models/dit'))).rejects.toMatchObject({
      code: 'access-denied',
      message: expect.stringMatching(/models\/dit cannot be opened \(ENOENT\)\. As a repository of http:.*status 401/),
    });
  });
});
