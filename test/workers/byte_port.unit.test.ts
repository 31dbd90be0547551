/** Both ends of the port between loader and engine, over a real MessageChannel. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { checkRange } from '../../src/weights/byte_source';
import { connectSources, IN_FLIGHT_BYTES, type SourceClient, serveSources } from '../../workers/byte_port';
import { pattern } from '../support/pattern';

const MIB = 2 ** 20;
const FILE_BYTES = 400 * MIB;
const KEY = { kind: 'address', address: 'file' } as const;

let client: SourceClient;
let endServing: () => void;
let inFlight: number;
let peak: number;
let closed: number;
let lent: Uint8Array<ArrayBuffer>[];
/** Reads wait for it. */
let gate: Promise<void>;
let openGate: () => void;

function shutGate() {
  gate = new Promise((resolve) => {
    openGate = resolve;
  });
}

beforeEach(() => {
  [inFlight, peak, closed, lent] = [0, 0, 0, []];
  shutGate();
  const { port1, port2 } = new MessageChannel();
  client = connectSources(port1);
  endServing = serveSources(port2, async (key) => {
    if (key.kind !== 'address') throw new AppError('access-denied', 'Not this one.');
    const source = {
      name: key.address,
      bytes: FILE_BYTES,
      async read(begin: number, end: number, signal?: AbortSignal) {
        checkRange(source, begin, end);
        inFlight += end - begin;
        peak = Math.max(peak, inFlight);
        await gate;
        inFlight -= end - begin;
        if (signal?.aborted) throw new AppError('cancelled', 'Cancelled in the loader.');
        const bytes = pattern(begin, end);
        lent.push(bytes);
        return bytes;
      },
    };
    return { source, close: () => void closed++ };
  });
});
afterEach(() => {
  openGate();
  client.close();
  endServing();
});

test('many reads at once give their own bytes each, moved and not copied', async () => {
  openGate();
  const source = await client.open(KEY);
  expect([source.name, source.bytes]).toEqual(['file', FILE_BYTES]);
  const ranges = Array.from({ length: 100 }, (_, i) => [i * 12345, i * 12345 + 1000 * (i % 7)] as const);
  const read = await Promise.all(ranges.map(([begin, end]) => source.read(begin, end)));
  expect(read).toEqual(ranges.map(([begin, end]) => pattern(begin, end)));
  expect(lent.map(({ byteLength }) => byteLength)).toEqual(lent.map(() => 0));
});

test('bytes in flight are bounded, and every read has its turn', async () => {
  const source = await client.open(KEY);
  const sizes = [40, 30, 20, 100, 10, 60, 5, 5].map((size) => size * MIB);
  const reads = sizes.map((bytes) => source.read(0, bytes));
  await expect.poll(() => inFlight).toBe(40 * MIB);
  openGate();
  expect((await Promise.all(reads)).map(({ length }) => length)).toEqual(sizes);
  // Larger than the bound, one goes alone.
  expect(peak).toBe(100 * MIB);
  expect(peak).toBeGreaterThan(IN_FLIGHT_BYTES);
  shutGate();
  peak = 0;
  const more = Array.from({ length: 20 }, (_, i) => source.read(i * MIB, (i + 7) * MIB));
  await expect.poll(() => inFlight).toBe(63 * MIB);
  openGate();
  expect((await Promise.all(more)).length).toBe(20);
  expect(peak).toBe(63 * MIB);
});

test('a cancelled read ends at once, and leaves room for the next', async () => {
  const source = await client.open(KEY);
  const controller = new AbortController();
  const reads = Array.from({ length: 5 }, () => source.read(0, IN_FLIGHT_BYTES, controller.signal));
  await expect.poll(() => inFlight).toBe(IN_FLIGHT_BYTES);
  controller.abort();
  for (const read of await Promise.allSettled(reads))
    expect(read).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
  await expect(source.read(0, 1, controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
  openGate();
  expect((await source.read(7, 9)).length).toBe(2);
});

test('a file whose opening is stopped while the answer is on its way is closed', async () => {
  const { port1, port2 } = new MessageChannel();
  const stopping = new AbortController();
  let closed = 0;
  const send = port2.postMessage.bind(port2);
  port2.postMessage = (answer: unknown) => {
    send(answer);
    stopping.abort();
  };
  const source = { name: 'file', bytes: 1, read: async () => new Uint8Array(1) };
  const end = serveSources(port2, async () => ({ source, close: () => void closed++ }));
  const late = connectSources(port1);
  await expect(late.open(KEY, stopping.signal)).rejects.toMatchObject({ code: 'cancelled' });
  await expect.poll(() => closed).toBe(1);
  late.close();
  end();
});

test('errors keep their code, and a wrong range is refused before it is asked for', async () => {
  await expect(client.open({ kind: 'chosen', id: 1 })).rejects.toMatchObject({
    name: 'AppError',
    code: 'access-denied',
    message: 'Not this one.',
  });
  const source = await client.open(KEY);
  await expect(source.read(0, FILE_BYTES + 1)).rejects.toMatchObject({ code: 'file-invalid' });
  expect(peak).toBe(0);
});

test('a closed source is closed once, and read no more', async () => {
  openGate();
  const [first, second] = [await client.open(KEY), await client.open(KEY)];
  first.close();
  first.close();
  await expect(first.read(0, 1)).rejects.toMatchObject({ code: 'weights-missing' });
  expect((await second.read(0, 1)).length).toBe(1);
  expect(closed).toBe(1);
  endServing();
  expect(closed).toBe(2);
});

test('an engine whose loader is gone is not left waiting', async () => {
  const source = await client.open(KEY);
  const read = source.read(0, 10);
  client.close();
  await expect(read).rejects.toMatchObject({ code: 'weights-missing', message: expect.stringContaining('1 read') });
  await expect(source.read(0, 10)).rejects.toMatchObject({ code: 'weights-missing' });
  await expect(client.open(KEY)).rejects.toMatchObject({ code: 'weights-missing' });
});
