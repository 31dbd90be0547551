/** Weights behind a plain address, of a server on this machine that knows ranges. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findWeights } from '../../src/weights/find_weights';
import { safetensorsBlob } from '../support/safetensors_file';

let server: Server;
let origin: string;
beforeAll(async () => {
  const blob = safetensorsBlob({ a: { dtype: 'F32', shape: [1], data: Float32Array.of(1) } });
  const bytes = new Uint8Array(await blob.arrayBuffer());
  server = createServer((request, response) => {
    const [, begin, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')!.map(Number);
    const part = bytes.subarray(begin, end! + 1);
    const range = `bytes ${begin}-${begin! + part.length - 1}/${bytes.length}`;
    response.writeHead(206, { 'content-range': range }).end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test.for([
  ['two%20words.safetensors', 'two words.safetensors'],
  ['100%zz.safetensors', '100%zz.safetensors'],
] as const)('the file at %s is called %s', async ([path, name]) => {
  const url = `${origin}/${path}`;
  const [choice] = await findWeights(url);
  expect([choice!.name, choice!.files.map((file) => [file.path, file.url])]).toEqual([name, [[name, url]]]);
});
