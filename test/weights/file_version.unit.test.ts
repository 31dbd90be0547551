/** Servers that replace a file by another of the same size between two sessions, or lie about its size. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openHttpSource } from '../../src/weights/http_source';
import { quickClient } from '../support/hub';

const BYTES = 1000;
let server: Server;
let url: string;
let headers: Record<string, string>;
let contents: number;
let hideRange: boolean;
let toldBytes: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    const [begin = 0, last = BYTES - 1] = (/(\d+)-(\d+)/.exec(request.headers.range ?? '')?.slice(1) ?? []).map(Number);
    const length = last + 1 - begin;
    const range = { 'content-range': `bytes ${begin}-${last}/${toldBytes}` };
    response.writeHead(206, { ...headers, ...(!hideRange && range), 'content-length': length });
    response.end(request.method === 'HEAD' ? undefined : Buffer.alloc(length, contents));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/w.gguf`;
});
beforeEach(() => {
  [headers, contents, hideRange, toldBytes] = [{}, 1, false, BYTES];
});
afterAll(() => server.close());

const open = (known: { version?: Awaited<ReturnType<typeof openHttpSource>>['version']; bytes?: number } = {}) =>
  openHttpSource(url, { client: quickClient(), ...known });

test.for([
  ['ETag', '"v1"', '"v2"'],
  ['Last-Modified', 'Thu, 26 Nov 2026 10:00:00 GMT', 'Fri, 27 Nov 2026 10:00:00 GMT'],
] as const)('the second half of a file with another %s is refused', async ([header, before, after]) => {
  headers = { [header]: before };
  const first = await open();
  expect(first.version).toEqual({ origin: new URL(url).origin, header, tag: before });
  expect((await first.read(0, BYTES / 2)).every((byte) => byte === 1)).toBe(true);
  expect((await open({ version: first.version })).bytes).toBe(BYTES);
  [headers, contents] = [{ [header]: after }, 2];
  await expect(open({ version: first.version })).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringMatching(/changed on the server.*delete them and download it again/),
  });
  await expect(first.read(BYTES / 2, BYTES)).rejects.toMatchObject({ code: 'file-invalid' });
});

test('a tag that is weak now and one of another host are no other version', async () => {
  headers = { etag: 'W/"v1"' };
  const { version } = await open();
  headers = { etag: '"v1"' };
  expect((await open({ version })).version).toEqual(version);
  headers = { etag: '"v2"' };
  const elsewhere = { ...version!, origin: 'https://signed.example' };
  expect((await open({ version: elsewhere })).version?.tag).toBe('"v2"');
});

test('a size that only HEAD tells must be the known one too', async () => {
  hideRange = true;
  expect((await open({ bytes: BYTES })).bytes).toBe(BYTES);
  await expect(open({ bytes: BYTES + 1 })).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringMatching(/1001 bytes.*1000/),
  });
});

test.for([2 ** 42 + 1, Number.MAX_SAFE_INTEGER, 1e20])('a size of %s bytes is not believed', async (bytes) => {
  toldBytes = bytes;
  await expect(open()).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringMatching(/the file has \d+ bytes; 4398046511104 are the most/),
  });
});
