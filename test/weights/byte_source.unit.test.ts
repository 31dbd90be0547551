import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openFile } from '../../src/cli/file_source';
import { type ByteSource, blobSource } from '../../src/weights/byte_source';
import { openHttpSource } from '../../src/weights/http_source';

const CONTENT = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 251);

type Answer = (request: IncomingMessage, response: ServerResponse, range: [number, number] | null) => void;
const sendRange: Answer = (_, response, range) => {
  if (!range) return void response.writeHead(200, { 'content-length': CONTENT.length }).end();
  const [begin, end] = range;
  response.writeHead(206, { 'content-range': `bytes ${begin}-${end - 1}/${CONTENT.length}` });
  response.end(CONTENT.slice(begin, end));
};
let answer: Answer = sendRange;
let requests = 0;
let server: Server;
let url: string;
let folder: string;
let path: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    answer(request, response, match ? [Number(match[1]), Number(match[2]) + 1] : null);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.safetensors`;
  folder = await mkdtemp(join(tmpdir(), 'wanscope-source-'));
  path = join(folder, 'file');
});
beforeEach(async () => {
  answer = sendRange;
  requests = 0;
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

describe('a server', () => {
  test('that hides Content-Range is asked for the length', async () => {
    answer = (request, response, range) => {
      response.setHeader('content-length', range ? range[1] - range[0] : CONTENT.length);
      response
        .writeHead(range ? 206 : 200)
        .end(range && request.method === 'GET' ? CONTENT.slice(...range) : undefined);
    };
    const source = await openHttpSource(url);
    expect([source.bytes, await source.read(5, 8)]).toEqual([1000, CONTENT.slice(5, 8)]);
  });

  test('that fails now and then is asked again', async () => {
    const source = await openHttpSource(url);
    let calls = 0;
    answer = (request, response, range) => {
      calls += 1;
      if (calls === 1) response.writeHead(503).end();
      else if (calls === 2) request.socket.destroy();
      else sendRange(request, response, range);
    };
    expect(await source.read(0, 9)).toEqual(CONTENT.slice(0, 9));
    expect(calls).toBe(3);
  });

  test('whose signed address has expired is asked for a new one', async () => {
    let signature = 1;
    answer = (request, response, range) => {
      if (!request.url!.includes('?')) response.writeHead(302, { location: `${url}?${signature}` }).end();
      else if (request.url!.endsWith(`?${signature}`)) sendRange(request, response, range);
      else response.writeHead(403).end();
    };
    const source = await openHttpSource(url);
    expect(await source.read(0, 9)).toEqual(CONTENT.slice(0, 9));
    signature = 2;
    expect(await source.read(0, 9)).toEqual(CONTENT.slice(0, 9));
  });

  test.for<[string, Answer, string, number]>([
    ['has no such file', (_, r) => r.writeHead(404).end(), 'status 404', 1],
    ['serves whole files only', (_, r) => r.writeHead(200).end(CONTENT), 'whole files only', 1],
  ])('that %s is told at once', async ([, wrong, message, expected]) => {
    answer = wrong;
    await expect(openHttpSource(url)).rejects.toMatchObject({
      code: 'weights-missing',
      message: expect.stringContaining(message),
    });
    expect(requests).toBe(expected);
  });

  test.for<[string, Answer]>([
    ['another range', (q, r) => sendRange(q, r, [0, 7])],
    ['another file', (_, r) => r.writeHead(206, { 'content-range': 'bytes 10-16/2000' }).end(CONTENT.slice(10, 17))],
    ['fewer bytes', (_, r) => r.writeHead(206).end(CONTENT.slice(10, 12))],
  ])('that sends %s is not believed', async ([, wrong]) => {
    const source = await openHttpSource(url);
    answer = wrong;
    await expect(source.read(10, 17)).rejects.toMatchObject({ code: 'file-invalid' });
  });

  test('that cannot be reached is named', async () => {
    await expect(openHttpSource('http://127.0.0.1:1/w')).rejects.toMatchObject({
      code: 'network-failed',
      message: expect.stringContaining('http://127.0.0.1:1/w'),
    });
  });
});
