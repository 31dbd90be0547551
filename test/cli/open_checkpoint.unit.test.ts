import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCheckpoint } from '../../src/cli/open_checkpoint';
import { openModel } from '../../src/cli/open_model';
import { safetensorsBlob } from '../support/safetensors_file';
import { TINY } from '../support/tiny_checkpoints';

const tiny = (path: string) => fileURLToPath(new URL(path, TINY));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

async function write(path: string, ...tensors: string[]): Promise<string> {
  const one = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;
  const blob = safetensorsBlob(Object.fromEntries(tensors.map((name) => [name, one])));
  const file = join(folder, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, new Uint8Array(await blob.arrayBuffer()));
  return file;
}

describe('a folder', () => {
  test('is joined, golden files left out', async () => {
    await write('joined/b.safetensors', 'head.head.bias');
    await write('joined/a.safetensors', 'blocks.0.modulation');
    const golden = new URL('../golden/scheduler-unipc-8.safetensors', import.meta.url);
    await copyFile(golden, join(folder, 'joined/golden.safetensors'));
    const { tensors } = await openCheckpoint(join(folder, 'joined'));
    expect([...tensors.keys()]).toEqual(['blocks.0.modulation', 'head.head.bias']);
    const one = await openCheckpoint(join(folder, 'joined/b.safetensors'));
    expect([...one.tensors.keys()]).toEqual(['head.head.bias']);
  });

  test('of a Diffusers repository is searched, shards and all', async () => {
    const { parts, tensors } = await openCheckpoint(tiny('diffusers'));
    expect(parts.map(({ network, scheme, originals }) => [network, scheme, originals.size])).toEqual([
      ['dit', 'diffusers', 34],
      ['dit', 'diffusers', 35],
      ['text', 'transformers', 32],
    ]);
    expect(tensors.size).toBe(101);
  });

  test('is searched two folders deep and no further', async () => {
    await write('deep/split_files/vae/a.safetensors', 'conv1.bias');
    await write('deep/split_files/vae/old/b.safetensors', 'conv2.bias');
    await write('deep/.cache/c.safetensors', 'conv2.bias');
    expect([...(await openCheckpoint(join(folder, 'deep'))).tensors.keys()]).toEqual(['conv1.bias']);
  });

  test('with two forms of one network is refused, and both are named', async () => {
    await expect(openCheckpoint(tiny('original'))).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(
        /holds the text encoder 2 times: umt5_tiny_enc_bf16\.pth, umt5_tiny_enc_bf16\.safetensors\./,
      ),
    });
    await write('forms/transformer/a.safetensors', 'blocks.0.modulation');
    await write('forms/b.safetensors', 'blocks.0.scale_shift_table');
    await expect(openCheckpoint(join(folder, 'forms'))).rejects.toMatchObject({
      message: expect.stringContaining('holds the transformer 2 times: b.safetensors, transformer/a.safetensors'),
    });
  });

  test('with the halves of the VAE in two files is one', async () => {
    await write('halves/encoder.safetensors', 'encoder.conv1.bias', 'conv1.bias');
    await write('halves/decoder.safetensors', 'decoder.conv1.bias', 'conv2.bias');
    expect((await openCheckpoint(join(folder, 'halves'))).tensors.size).toBe(4);
  });

  test.for(['empty', 'missing'])('that is %s is refused', async (name) => {
    await mkdir(join(folder, 'empty'), { recursive: true });
    await expect(openCheckpoint(join(folder, name))).rejects.toMatchObject({ code: 'weights-missing' });
  });

  test('that lacks a shard is refused, with the name of it', async () => {
    await cp(tiny('diffusers/transformer'), join(folder, 'lacking'), { recursive: true });
    await rm(join(folder, 'lacking/diffusion_pytorch_model-00002-of-00002.safetensors'));
    await expect(openCheckpoint(join(folder, 'lacking'))).rejects.toMatchObject({
      code: 'weights-missing',
      message: expect.stringContaining('diffusion_pytorch_model-00002-of-00002.safetensors cannot be opened'),
    });
  });
});

const SHARD = 'diffusers/transformer/diffusion_pytorch_model-00002-of-00002.safetensors';
const INDEX = 'diffusers/transformer/diffusion_pytorch_model.safetensors.index.json';

test.for([
  [SHARD, 69],
  [INDEX, 69],
  ['gguf/wan-tiny-dit-Q8_0.gguf', 69],
  ['original/umt5_tiny_enc_bf16.pth', 32],
] as const)('the file %s opens with all that belong to it', async ([path, count]) => {
  expect((await openCheckpoint(tiny(path))).tensors.size).toBe(count);
});

test('shards without an index are one checkpoint', async () => {
  await write('plain/m-00001-of-00002.safetensors', 'conv1.bias');
  const second = await write('plain/m-00002-of-00002.safetensors', 'conv2.bias');
  for (const path of [join(folder, 'plain'), second]) expect((await openCheckpoint(path)).tensors.size).toBe(2);
});

describe('the token in HF_TOKEN', () => {
  /** What was sent as authorization, over hosts that have nothing. */
  async function sentTo(location: string, hub: string | undefined): Promise<Set<string | null>> {
    const sent = new Set<string | null>();
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    vi.stubEnv('HF_ENDPOINT', hub);
    vi.stubGlobal('fetch', async (_: string, { headers }: RequestInit) => {
      sent.add(new Headers(headers).get('authorization'));
      return new Response('', { status: 404 });
    });
    await expect(openCheckpoint(location)).rejects.toMatchObject({ code: 'weights-missing' });
    return sent;
  }

  test.for([
    ['wanscope/tiny', undefined],
    ['wanscope/tiny', ''],
    ['https://huggingface.co/wanscope/tiny', undefined],
    ['hf.co/wanscope/tiny', undefined],
    ['https://huggingface.co/wanscope/tiny', 'https://huggingface.co/'],
    ['https://mirror.example/wanscope/tiny', 'https://mirror.example'],
  ] as const)('goes with %s to its own hub (HF_ENDPOINT %s)', async ([location, hub]) => {
    expect(await sentTo(location, hub)).toEqual(new Set(['Bearer hf_secret']));
  });

  test.for([
    ['https://modelscope.cn/models/wanscope/tiny', undefined],
    ['https://hf-mirror.com/wanscope/tiny', undefined],
    ['http://huggingface.co/wanscope/tiny', undefined],
    ['https://huggingface.co/wanscope/tiny', 'https://mirror.example'],
    ['https://mirror.example:8443/wanscope/tiny', 'https://mirror.example'],
    ['https://files.example/w.gguf', undefined],
  ] as const)('does not go with %s to another host (HF_ENDPOINT %s)', async ([location, hub]) => {
    expect(await sentTo(location, hub)).toEqual(new Set([null]));
  });
});

test('a hub in HF_ENDPOINT that is no web address is refused, and named', async () => {
  vi.stubEnv('HF_ENDPOINT', 'hf-mirror.com');
  for (const location of ['wanscope/tiny', 'https://huggingface.co/wanscope/tiny'])
    await expect(openCheckpoint(location)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(/"hf-mirror\.com".*https:/),
    });
});

describe('an address', () => {
  let server: Server;
  let origin: string;
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://host');
      asked.push(request.url!);
      const bytes = searchParams.get('key') === '7' ? await readFile(tiny(pathname.slice(1))).catch(() => null) : null;
      if (!bytes) return response.writeHead(404).end();
      const [, begin, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')!.map(Number);
      const part = bytes.subarray(begin, end! + 1);
      const range = `bytes ${begin}-${begin! + part.length - 1}/${bytes.length}`;
      return response.writeHead(206, { 'content-range': range }).end(part);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  test.for([
    [SHARD, 69],
    [INDEX, 69],
    ['gguf/umt5-tiny-encoder-Q8_0.gguf', 32],
    ['original/umt5_tiny_enc_bf16.pth', 32],
  ] as const)('of %s opens all that belong to it, by ranges', async ([path, count]) => {
    asked.length = 0;
    const { tensors } = await openCheckpoint(`${origin}/${path}?key=7`);
    expect(tensors.size).toBe(count);
    // Each file: its size, its beginning; the archive also its end and a few places within.
    expect(asked.length).toBeLessThanOrEqual(path === INDEX ? 6 : path.endsWith('.pth') ? 9 : 4);
  });

  test('is named without what opens it, which results are not to tell', async () => {
    const plain = `${origin}/gguf/umt5-tiny-encoder-Q8_0.gguf`;
    const secret = plain.replace('//', '//user:password@');
    expect((await openCheckpoint(`${secret}?key=7`)).label).toBe(plain);
    await expect(openModel([`${secret}?key=7`])).rejects.toThrow(`${plain} has no transformer`);
  });

  test('of nothing is an error with the address', async () => {
    await expect(openCheckpoint(`${origin}/none.gguf?key=7`)).rejects.toMatchObject({
      code: 'weights-missing',
      message: expect.stringContaining(`${origin}/none.gguf`),
    });
  });
});

test('of thousands of descriptions and tokenizers, only those that are used are opened', async () => {
  const opened = new Set<string>();
  const paths = Array.from({ length: 1000 }, (_, i) => [`${i}/model.json`, `${i}/tokenizer.json`]).flat();
  vi.stubEnv('HF_ENDPOINT', 'http://hub.test');
  vi.stubGlobal('fetch', async (address: string) => {
    if (address.includes('/tree/')) return Response.json(paths.map((path) => ({ type: 'file', path, size: 2 })));
    if (address.includes('/api/')) return Response.json({});
    opened.add(address);
    return new Response('{', { status: 206, headers: { 'content-range': 'bytes 0-0/2' } });
  });
  await expect(openModel(['some/repository'])).rejects.toThrow();
  expect([...opened].map((address) => address.replace(/.*main/, ''))).toEqual(['/0/model.json', '/0/tokenizer.json']);
});
