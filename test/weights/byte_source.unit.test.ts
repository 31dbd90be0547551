import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openFile } from '../../src/cli/file_source';
import { type ByteSource, blobSource } from '../../src/weights/byte_source';
import { openHttpSource } from '../../src/weights/http_source';

const CONTENT = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 251);

let server: Server;
let url: string;
let folder: string;
let path: string;

beforeAll(async () => {
  // What a server may do wrong is tested in http_source.unit.test.ts.
  server = createServer((request, response) => {
    const [begin, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!.slice(1).map(Number) as [number, number];
    response.writeHead(206, { 'content-range': `bytes ${begin}-${end}/${CONTENT.length}` });
    response.end(CONTENT.slice(begin, end + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.safetensors`;
  folder = await mkdtemp(join(tmpdir(), 'wanscope-source-'));
  path = join(folder, 'file');
});
beforeEach(async () => {
  await writeFile(path, CONTENT);
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const opening: Record<string, () => Promise<ByteSource>> = {
  file: () => openFile(path),
  blob: async () => blobSource('chosen', new Blob([CONTENT])),
  http: () => openHttpSource(url),
};

describe.for(Object.keys(opening))('a %s', (kind) => {
  const open = opening[kind]!;

  test('gives the bytes of a range, many at once', async () => {
    const source = await open();
    expect(source.bytes).toBe(1000);
    const ranges = [
      [0, 1000],
      [0, 0],
      [1000, 1000],
      [999, 1000],
      [13, 500],
    ] as const;
    const read = await Promise.all(ranges.map(([begin, end]) => source.read(begin, end)));
    expect(read).toEqual(ranges.map(([begin, end]) => CONTENT.slice(begin, end)));
  });

  test('refuses a range beyond its end, with both numbers', async () => {
    const source = await open();
    await expect(source.read(990, 1001)).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/990–1001.*1000/),
    });
    await expect(source.read(-1, 5)).rejects.toMatchObject({ code: 'file-invalid' });
  });

  test('stops when told to', async () => {
    const source = await open();
    await expect(source.read(0, 10, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});

test('a file that shrank is not read as zeros', async () => {
  const source = await openFile(path);
  await truncate(path, 600);
  await expect(source.read(500, 700)).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringContaining('100 of the 200 bytes'),
  });
  await source.close();
});

test.for([
  ['missing', 'ENOENT'],
  ['.', 'not a file'],
])('a file %s is told apart', async ([name, reason]) => {
  await expect(openFile(join(folder, name!))).rejects.toMatchObject({
    code: 'weights-missing',
    message: expect.stringContaining(reason!),
  });
});
