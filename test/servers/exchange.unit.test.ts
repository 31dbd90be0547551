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
  expect(taken / count).toBeLessThan(50);
});

test.for([
  ['empty lists', (count: number) => Array(count).fill('[]').join()],
  ['keys', (count: number) => Array.from({ length: count }, (_, i) => `{"${i}":0}`).join()],
] as const)('an answer of more %s than such a server sends is refused before it is parsed', async ([, listOf]) => {
  const parse = vi.spyOn(JSON, 'parse');
  const asks = async (count: number, more: object) => {
    vi.stubGlobal('fetch', async () => new Response(`[${listOf(count)}]`));
    return (await askJson(LINE, { ...QUESTION, ...more })) as unknown[];
  };
  for (const [more, most] of [
    [{}, 65_536],
    [{ isList: true }, 262_144],
  ] as const) {
    // So many, the commas between them, their list, and one more: of what is empty one is counted that is not there.
    expect(await asks(most / 2 - 1, more)).toHaveLength(most / 2 - 1);
    parse.mockClear();
    await expect(asks(most / 2, more)).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringContaining(`at most ${most} are read`),
    });
    expect(parse).not.toHaveBeenCalled();
  }
  parse.mockRestore();
});
