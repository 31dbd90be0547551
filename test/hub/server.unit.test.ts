/** The synthetic hub as its users see it: over HTTP, with faults and counts, and as a command. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFaults, parseFaults } from '../../src/hub/faults';
import type { HubFile } from '../../src/hub/hub_file';
import { findRepositories } from '../../src/hub/repositories';
import { startHub } from '../../src/hub/server';
import { isFromHere } from '../../src/hub/visitors';
import { parseSafetensorsHeader } from '../../src/weights/safetensors';
import { hubForTests } from '../support/hub';

const hub = hubForTests({ hashBytes: 20e6 });
const REPO = 'wanscope/tiny';
const PATH = 'comfy/wan_tiny_dit_fp16.safetensors';
const address = (query = '') => `${hub().url}/${REPO}/resolve/main/${PATH}${query}`;
const range = (begin: number, end: number) => ({ headers: { range: `bytes=${begin}-${end - 1}` } });
const expected = await findRepositories()(REPO)!.files.get(PATH)!.read(0, 1_193_128);

async function bytesOf(answer: Promise<Response>): Promise<Buffer> {
  return Buffer.from(await (await answer).arrayBuffer());
}

describe('a file', () => {
  test('is behind a redirect to another origin, signed, and sent in ranges', async () => {
    const hop = await fetch(address(), { redirect: 'manual' });
    expect(hop.status).toBe(302);
    expect(hop.headers.get('x-linked-size')).toBe('1193128');
    const signed = new URL(hop.headers.get('location')!);
    expect(signed.origin).not.toBe(hub().url);
    const answer = await fetch(signed, range(7, 5000));
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe('bytes 7-4999/1193128');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-expose-headers')).toContain('Content-Range');
    expect(Buffer.compare(await bytesOf(Promise.resolve(answer)), expected.subarray(7, 5000))).toBe(0);
    for (const spoilt of ['signature', 'expires']) {
      const wrong = new URL(signed);
      wrong.searchParams.set(spoilt, '1795658647622');
      expect((await fetch(wrong)).status).toBe(403);
    }
    hub().expire();
    expect((await fetch(signed)).status).toBe(403);
  });

  test('is whole, from an offset, or the last of it, as ranges are written', async () => {
    expect(Buffer.compare(await bytesOf(fetch(address())), expected)).toBe(0);
    const ask = (value: string) => bytesOf(fetch(address(), { headers: { range: value } }));
    expect(Buffer.compare(await ask('bytes=1193000-'), expected.subarray(1_193_000))).toBe(0);
    expect(Buffer.compare(await ask('bytes=-100'), expected.subarray(-100))).toBe(0);
    expect((await fetch(address(), { headers: { range: 'bytes=1193128-' } })).status).toBe(416);
    const head = await fetch(address(), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '1193128']);
  });

  test('of full size answers for its last bytes at once', async () => {
    const path = 'umt5-xxl-enc-bf16.safetensors';
    const url = `${hub().url}/Kijai/WanVideo_comfy/resolve/main/${path}`;
    const header = await bytesOf(fetch(url, range(0, 200_000)));
    const { tensors } = parseSafetensorsHeader(header, 11_361_845_464);
    expect(tensors.get('token_embedding.weight')!.shape).toEqual([256384, 4096]);
    expect(await bytesOf(fetch(url, range(11_361_845_000, 11_361_845_464)))).toHaveLength(464);
  });
});

describe('of repositories that are given', () => {
  const bytes = new Uint8Array(100_000).fill(7);
  const whole = given('f #1?/100%.safetensors', async (begin, end) => bytes.slice(begin, end));
  const failing = given('b.safetensors', async (begin) => {
    if (begin > 0) throw new Error('the disk is gone');
    return bytes.slice();
  });
  function given(path: string, read: HubFile['read']): HubFile {
    return { path, bytes: 1_000_000, parts: [{ kind: 'other', begin: 0, end: 1_000_000 }], read };
  }
  const files = new Map([whole, failing].map((file) => [file.path, file]));
  const other = hubForTests({ repositories: [{ name: 'a/b', commit: '0'.repeat(40), files }] });

  test('a file has the name it has, whatever its characters mean in an address', async () => {
    const url = `${other().url}/a/b/resolve/main/${whole.path.split('/').map(encodeURIComponent).join('/')}`;
    expect(Buffer.compare(await bytesOf(fetch(url, range(0, 1000))), bytes.subarray(0, 1000))).toBe(0);
  });

  test('one that cannot be read on is cut, and no message is among its bytes', async () => {
    const answer = await fetch(`${other().url}/a/b/resolve/main/b.safetensors`);
    const arrived: number[] = [];
    await expect(
      (async () => {
        for await (const chunk of answer.body!) arrived.push(...new Set(chunk));
      })(),
    ).rejects.toThrow();
    expect(new Set(arrived)).toEqual(new Set([7]));
  });
});

describe('faults', () => {
  test('of an address hit that address alone, and as often as they say', async () => {
    const query = `?fault=${encodeURIComponent(JSON.stringify({ at: 'cdn', status: 503, times: 1, skip: 1 }))}`;
    const status = async (url: string) => {
      const answer = await fetch(url, range(0, 1));
      await answer.arrayBuffer();
      return answer.status;
    };
    expect([await status(address(query)), await status(address(query)), await status(address(query))]).toEqual([
      206, 503, 206,
    ]);
    expect(await status(address())).toBe(206);
  });

  test('make bytes wrong where they say and nowhere else', async () => {
    await fetch(`${hub().url}/faults`, { method: 'POST', body: JSON.stringify({ wrongBytes: [500_000, 500_003] }) });
    const got = await bytesOf(fetch(address(), range(400_000, 600_000)));
    const wrong = [...got.keys()].filter((i) => got[i] !== expected[400_000 + i]);
    expect(wrong.map((i) => i + 400_000)).toEqual([500_000, 500_001, 500_002]);
    await fetch(`${hub().url}/faults`, { method: 'DELETE' });
    expect(
      Buffer.compare(await bytesOf(fetch(address(), range(400_000, 600_000))), expected.subarray(400_000, 600_000)),
    ).toBe(0);
  });

  test('leave out the headers that let a page read', async () => {
    hub().setFaults([{ noCors: true }]);
    expect((await fetch(address(), range(0, 1))).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('misspelt are refused', async () => {
    const answer = await fetch(`${hub().url}/faults`, { method: 'POST', body: '{"stall": 3}' });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('stallAfterBytes')]);
    expect(() => parseFaults('{')).toThrow('JSON');
    expect(() => createFaults([{ status: 7 }])).toThrow('status');
  });
});

describe('a page from elsewhere', () => {
  test('gets nothing, and changes nothing', async () => {
    const headers = { origin: 'https://evil.example' };
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await fetch(address(), { method, headers });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    }
    const fault = JSON.stringify({ status: 500 });
    expect((await fetch(`${hub().url}/faults`, { method: 'POST', headers, body: fault })).status).toBe(403);
    expect((await fetch(address(), { headers: { origin: 'http://localhost:5173' } })).status).toBe(200);
  });

  test.for<[string | undefined, string, string, boolean]>([
    [undefined, '127.0.0.1:80', '/a/b/resolve/main/c', true],
    ['http://localhost:5173', 'localhost:80', '/a', true],
    ['http://127.0.0.1:5173', '[::1]:80', '/a', true],
    ['http://localhost.evil.example', '127.0.0.1:80', '/a', false],
    ['https://127.0.0.1.evil.example', '127.0.0.1:80', '/a', false],
    ['null', '127.0.0.1:80', '/a', false],
    ['null', '127.0.0.1:80', '/cdn/a/b/c', true],
    [undefined, 'rebound.example:80', '/a', false],
    ['http://rebound.example', 'rebound.example:80', '/cdn/a', false],
  ])('is told by its origin %s and the name it asked, %s, for %s', ([origin, host, path, expected]) => {
    expect(isFromHere({ ...(origin !== undefined && { origin }), host }, path)).toBe(expected);
  });

  test('nor does anybody fill the memory with faults', async () => {
    const body = JSON.stringify({ status: 500 }).padEnd(70_000);
    await fetch(`${hub().url}/faults`, { method: 'POST', body }).catch(() => undefined);
    expect((await fetch(address())).status).toBe(200);
  });
});

describe('counts', () => {
  test('tell what was sent, for what, and what was sent twice', async () => {
    const source = findRepositories()(REPO)!.files.get('original/umt5_tiny_enc_bf16.safetensors')!;
    const url = `${hub().url}/${REPO}/resolve/main/original/umt5_tiny_enc_bf16.safetensors`;
    const table = source.parts.find(({ kind }) => kind === 'embedding')!;
    await bytesOf(fetch(url, range(0, 100)));
    await bytesOf(fetch(url, range(table.begin - 10, table.begin + 20)));
    await bytesOf(fetch(url, range(table.begin + 5, table.begin + 50)));
    const counts = (await (await fetch(`${hub().url}/counts`)).json()) as ReturnType<ReturnType<typeof hub>['counts']>;
    expect(counts).toEqual(hub().counts());
    expect(counts.files[`${REPO}/original/umt5_tiny_enc_bf16.safetensors`]).toEqual({
      requests: 3,
      redirects: 3,
      bytes: 175,
      again: 15,
      parts: {
        header: { bytes: 100, again: 0 },
        embedding: { bytes: 65, again: 15 },
        weights: { bytes: 10, again: 0 },
        other: { bytes: 0, again: 0 },
      },
    });
    await fetch(`${hub().url}/counts`, { method: 'DELETE' });
    expect(hub().counts()).toEqual({ api: 0, preflights: 0, files: {} });
  });
});

test('a port that is taken is an error with advice', async () => {
  const port = Number(new URL(hub().url).port);
  await expect(startHub({ port })).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining('EADDRINUSE'),
  });
});

describe('the command', () => {
  let child: ChildProcess;
  let url: string;
  let folder: string;

  beforeAll(async () => {
    execFileSync(process.execPath, ['scripts/build.mjs', 'cli'], { stdio: ['ignore', 'inherit', 'inherit'] });
    folder = await mkdtemp(join(tmpdir(), 'hub-'));
    await cp('test/golden/scheduler-unipc-8.safetensors', join(folder, 'scheduler-unipc-8.safetensors'));
    await mkdir(join(folder, '.git'));
    for (const hidden of ['.env', join('.git', 'config')]) await writeFile(join(folder, hidden), 'a secret');
    child = spawn(process.execPath, [
      'dist/cli/main.js',
      'hub',
      '--folder',
      folder,
      '--faults',
      '{"times": 1, "status": 500}',
    ]);
    const [line] = await once(child.stdout!, 'data');
    url = /http:\S+/.exec(String(line))![0];
  });
  afterAll(async () => {
    child.kill();
    await rm(folder, { recursive: true });
  });

  test('serves the same files, with the faults it was given', async () => {
    const file = `${url}/${REPO}/resolve/main/${PATH}`;
    expect((await fetch(file)).status).toBe(500);
    expect(Buffer.compare(await bytesOf(fetch(file)), expected)).toBe(0);
  });

  test('serves a folder as a repository, with checksums', async () => {
    const list = (await (await fetch(`${url}/api/models/local/files/tree/main?recursive=1`)).json()) as {
      path: string;
      lfs?: { oid: string };
    }[];
    expect(list.map((entry) => entry.path)).toEqual(['scheduler-unipc-8.safetensors']);
    const { path, lfs } = list[0]!;
    const bytes = await bytesOf(fetch(`${url}/local/files/resolve/main/${path}`));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(lfs!.oid);
  });

  test('ends when told to', async () => {
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });
});
