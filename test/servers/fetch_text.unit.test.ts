/** What the command line meets with its files is in test/cli/compare.unit.test.ts; here is what only a page does. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { addressSource, fetchText } from '../../src/servers/fetch_text';

const server = createServer((request, response) => {
  if (request.url === '/elsewhere') {
    const { port } = server.address() as AddressInfo;
    return void response.writeHead(302, { location: `http://127.0.0.2:${port}/run.json` }).end();
  }
  if (request.url === '/moved') return void response.writeHead(302, { location: '/run.json' }).end();
  if (request.url?.startsWith('/missing')) return void response.writeHead(404).end();
  if (request.url === '/hangs') return void response.write('{');
  response.setHeader('content-length', 6);
  response.write('\u6d4b'); // three bytes; a cut may fall within a character
  setTimeout(() => response.end('\u901f'), 20);
});
let base = '';
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, listening));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('progress tells what has come, of how much', async () => {
  const told: [number, number][] = [];
  const text = await fetchText(` ${base}/run.json `, { limitBytes: 100, onProgress: (...each) => told.push(each) });
  expect(text).toBe('\u6d4b\u901f');
  expect(told.at(-1)).toEqual([6, 6]);
});

test('a stopped one says so, and not that its server failed', async () => {
  const stopper = new AbortController();
  const fetched = fetchText(`${base}/hangs`, {
    limitBytes: 100,
    signal: stopper.signal,
    onProgress: () => stopper.abort(),
  });
  await expect(fetched).rejects.toMatchObject({ code: 'cancelled' });
});

test.for(['/missing', '/run.json', null])(
  'a failure of %s tells the address without what may be a key to it',
  async (path) => {
    const address = path === null ? 'http://127.0.0.1:1/run.json' : base + path;
    await expect(fetchText(`${address}?signature=hidden`, { limitBytes: 5 })).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`^${address} (answered|has|cannot)`)),
    });
  },
);

test.runIf(process.platform === 'linux')('a redirection to plain http elsewhere is refused as that is', async () => {
  await expect(fetchText(`${base}/moved`, { limitBytes: 100 })).resolves.toBe('\u6d4b\u901f');
  await expect(fetchText(`${base}/elsewhere`, { limitBytes: 100 })).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringMatching(/127\.0\.0\.2.* is not https/),
  });
});

test('a browser without AbortSignal.any fetches and stops all the same', async () => {
  const { any } = AbortSignal;
  Reflect.deleteProperty(AbortSignal, 'any');
  onTestFinished(() => void Object.assign(AbortSignal, { any }));
  await expect(fetchText(`${base}/run.json`, { limitBytes: 6 })).resolves.toHaveLength(2);
  const signal = AbortSignal.abort();
  await expect(fetchText(`${base}/run.json`, { limitBytes: 6, signal })).rejects.toMatchObject({ code: 'cancelled' });
});

test('one byte too many is too many', async () => {
  await expect(fetchText(`${base}/run.json`, { limitBytes: 6 })).resolves.toHaveLength(2);
  await expect(fetchText(`${base}/run.json`, { limitBytes: 5 })).rejects.toMatchObject({ code: 'file-invalid' });
});

test.for([
  '',
  'run.json',
  'file:///etc/passwd',
  'data:application/json,{}',
  'javascript:1',
  'http://example.org/run.json?signature=hidden',
  'https://me:hidden@files.example/run.json',
])('%j is no address to fetch from', async (address) => {
  await expect(fetchText(address, { limitBytes: 100 })).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.not.stringContaining('hidden'),
  });
});

test('runs tell where they came from without what may be a key to it', () => {
  const address = 'https://me:word@files.example/runs/a%20b.json?X-Amz-Signature=abc#k';
  const told = 'https://files.example/runs/a%20b.json';
  expect(addressSource(address)).toEqual({ name: told, url: told });
  expect(addressSource('http://localhost:81/r.json?t=1')).toEqual({ name: 'http://localhost:81/r.json', url: null });
});
