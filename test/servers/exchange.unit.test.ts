/** What an answer may be made of: bounded in memory and time, however it is sent. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test, vi } from 'vitest';
import { askJson } from '../../src/servers/exchange';
import { PATIENCE } from '../../src/servers/server';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const LINE = { server: { kind: null, url: 'http://127.0.0.1:1', token: null, card: null }, patience: PATIENCE };
const QUESTION = { path: '/', what: 'The answer' };

afterEach(() => vi.unstubAllGlobals());

function keptBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('an answer that comes byte by byte takes its own size in memory', async () => {
  const count = 200_000;
  const before = keptBytes();
  let left = count;
  let taken = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(to) {
      if (left-- > 0) return to.enqueue(Uint8Array.of(0x20));
      taken = keptBytes() - before;
      to.enqueue(new TextEncoder().encode('{"a":"…"}'));
      to.close();
    },
  });
  vi.stubGlobal('fetch', async () => new Response(body));
  expect(await askJson(LINE, QUESTION)).toEqual({ a: '…' });
  expect(taken).toBeLessThan(10 * count);
});
