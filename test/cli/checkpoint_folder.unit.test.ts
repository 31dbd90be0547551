import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/cli/checkpoint_folder';
import { safetensorsBlob } from '../support/safetensors_file';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-checkpoint-'));
  await mkdir(join(folder, 'empty'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, tensor: string): Promise<void> {
  const blob = safetensorsBlob({ [tensor]: { dtype: 'F32', shape: [1], data: Float32Array.of(1) } });
  await writeFile(join(folder, name), new Uint8Array(await blob.arrayBuffer()));
}

test('joins the files of a folder, golden files left out', async () => {
  await write('b.safetensors', 'head.weight');
  await write('a.safetensors', 'blocks.0.weight');
  const golden = new URL('../golden/scheduler-unipc-8.safetensors', import.meta.url);
  await copyFile(golden, join(folder, 'golden.safetensors'));
  const { tensors } = await openCheckpoint(folder);
  expect([...tensors.keys()]).toEqual(['blocks.0.weight', 'head.weight']);
  expect([...(await openCheckpoint(join(folder, 'b.safetensors'))).tensors.keys()]).toEqual(['head.weight']);
});

test('refuses one tensor in two files, and names both', async () => {
  await write('c.safetensors', 'head.weight');
  await expect(openCheckpoint(folder)).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringMatching(/head\.weight.*b\.safetensors.*c\.safetensors/),
  });
});

test.for(['empty', 'missing'])('refuses a folder that is %s', async (name) => {
  await expect(openCheckpoint(join(folder, name))).rejects.toMatchObject({ code: 'weights-missing' });
});
