/** The HTTP client against a real server on this machine that fails on demand. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { toldWait } from '../../src/core/told_wait';
import type { FaultInput } from '../../src/hub/faults';
import { findRepositories } from '../../src/hub/repositories';
import { startHub } from '../../src/hub/server';
import { createHosts, MAX_BYTES_IN_FLIGHT } from '../../src/weights/http_hosts';
import { type HttpOptions, openHttpSource } from '../../src/weights/http_source';
import { hubForTests, quickClient } from '../support/hub';

const REPO = 'wanscope/tiny';
const PATH = 'original/wan_tiny_vae_bf16.safetensors';
const BYTES = 12_850_552;
const whole = await findRepositories()(REPO)!.files.get(PATH)!.read(0, BYTES);
const expected = (begin: number, end: number) => whole.subarray(begin, end);

const hub = hubForTests();
const address = (repo = REPO, path = PATH) => `${hub().url}/${repo}/resolve/main/${path}`;
const served = () => hub().counts().files[`${REPO}/${PATH}`]!;

/** Opened without faults; then those given are set. */
async function open(faults: FaultInput[] = [], options: HttpOptions = {}) {
  const client = quickClient();
  const source = await openHttpSource(address(), { client, ...options });
  hub().resetCounts();
  hub().setFaults(faults);
  return { source, client };
}

async function streamed(stream: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe('a source', () => {
  test('finds the size and reads ranges, following the redirect once for all of them', async () => {
    const client = quickClient();
    const source = await openHttpSource(address(), { client });
    expect(source.bytes).toBe(BYTES);
    const ranges = Array.from({ length: 8 }, (_, i) => [i * 1_000_003, i * 1_000_003 + 500_001] as const);
    const read = await Promise.all(ranges.map(([begin, end]) => source.read(begin, end)));
    ranges.forEach(([begin, end], i) => expect(same(read[i]!, expected(begin, end))).toBe(true));
    // The byte that told the size is the one that comes twice.
    expect(served()).toMatchObject({ redirects: 1, requests: 9, again: 1 });
    expect([source.requests, source.bytesReceived]).toEqual([9, 8 * 500_001 + 1]);
    expect(client.counts).toEqual({ requests: 9, bytesReceived: 8 * 500_001 + 1 });
  });

  test('streams a range as it arrives', async () => {
    const { source } = await open([{ bytesPerSecond: 1_000_000 }]);
    const begun = performance.now();
    let first: number | undefined;
    let bytes = 0;
    for await (const chunk of source.stream(100, 400_100)) {
      first ??= performance.now() - begun;
      expect(same(chunk, expected(100 + bytes, 100 + bytes + chunk.length))).toBe(true);
      bytes += chunk.length;
    }
    expect(bytes).toBe(400_000);
    expect(first).toBeLessThan((performance.now() - begun) / 2);
  });

  test('leaves a stream that its reader leaves', async () => {
    const { source } = await open([{ bytesPerSecond: 2_000_000 }]);
    for await (const _ of source.stream(0, BYTES)) break;
    // Its place is free again: both of the host's first places are.
    hub().setFaults([]);
    await Promise.all([source.read(0, 10), source.read(10, 20), source.read(20, 30)]);
    expect(served().bytes).toBeLessThan(3_000_000);
  });

  test('carries the checksum it was given', async () => {
    const sha256 = 'ab'.repeat(32);
    expect((await open([], { sha256 })).source.sha256).toBe(sha256);
    expect('sha256' in (await open()).source).toBe(false);
  });

  test('asks for no more than a page may without asking first', async () => {
    const asked: Record<string, string | string[] | undefined>[] = [];
    const server = createServer(({ headers }, response) => {
      asked.push(headers);
      response.writeHead(206, { 'content-range': 'bytes 0-0/7' }).end('x');
    });
    await openHttpSource(await listening(server), { client: quickClient() });
    server.close();
    expect(asked[0]).toMatchObject({ range: 'bytes=0-0' });
    for (const name of ['referer', 'cookie', 'authorization', 'origin']) expect(asked[0]).not.toHaveProperty(name);
  });
});

describe('the size', () => {
  test('of a file whose ranges a page cannot see is asked for by HEAD', async () => {
    hub().setFaults([{ hideRange: true }]);
    const source = await openHttpSource(address(), { client: quickClient() });
    expect(source.bytes).toBe(BYTES);
    expect(same(await source.read(5000, 9000), expected(5000, 9000))).toBe(true);
  });

  test('is the one the hub listed where HEAD is refused too', async () => {
    hub().setFaults([
      { hideRange: true },
      { at: 'resolve', method: 'HEAD', status: 405 },
      { method: 'HEAD', status: 405 },
    ]);
    const source = await openHttpSource(address(), { client: quickClient(), bytes: BYTES });
    expect(source.bytes).toBe(BYTES);
    await expect(openHttpSource(address(), { client: quickClient() })).rejects.toMatchObject({
      code: 'weights-missing',
      message: expect.stringContaining('does not say how long'),
    });
  });

  test.for([206, 416])('is found where the answer, of status %s, does not end', async (status) => {
    const server = createServer((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(200, { 'content-length': 7 }).end();
      response.writeHead(status, status === 206 ? { 'content-range': 'bytes 0-0/7' } : {});
      const timer = setInterval(() => response.write(Buffer.alloc(4096)), 1);
      response.once('close', () => clearInterval(timer));
    });
    const options = { client: quickClient(), signal: AbortSignal.timeout(5000) };
    const source = await openHttpSource(await listening(server), options);
    expect(source.bytes).toBe(7);
    expect(source.bytesReceived).toBeLessThan(1e6);
    server.close();
  });

  test('is found where the answer drips', async () => {
    const server = createServer((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-0/7' });
      const timer = setInterval(() => response.write('x'), 100);
      response.once('close', () => clearInterval(timer));
    });
    const client = quickClient();
    const source = await openHttpSource(await listening(server), { client, signal: AbortSignal.timeout(5000) });
    expect([source.bytes, source.requests, client.waits]).toEqual([7, 1, []]);
    expect(source.bytesReceived).toBeLessThan(30);
    server.close();
  });

  test('must be the one the hub listed', async () => {
    await expect(openHttpSource(address(), { client: quickClient(), bytes: BYTES + 1 })).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(new RegExp(`${BYTES + 1}.*${BYTES}`)),
    });
  });
});

describe('what passes', () => {
  test('is a connection that is cut: it goes on from there, and no byte comes twice', async () => {
    const { source, client } = await open([{ cutAfterBytes: 300_000, times: 3 }]);
    expect(same(await source.read(1000, 2_001_000), expected(1000, 2_001_000))).toBe(true);
    expect(served()).toMatchObject({ requests: 4, bytes: 2_000_000, again: 0 });
    expect(client.waits.map(({ why }) => why)).toEqual(['failed', 'failed', 'failed']);
  });

  test('is a cut within a stream', async () => {
    const { source } = await open([{ cutAfterBytes: 123_457 }]);
    expect(same(await streamed(source.stream(7, 900_000)), expected(7, 900_000))).toBe(true);
    expect(served()).toMatchObject({ requests: 8, again: 0 });
  });

  test('is an answer that ends early and says which bytes it has', async () => {
    const { source } = await open([{ endAfterBytes: 1000, times: 2 }]);
    expect(same(await source.read(0, 5000), expected(0, 5000))).toBe(true);
    expect(served()).toMatchObject({ requests: 3, bytes: 5000, again: 0 });
  });

  test('is silence: after a while it counts as a cut', async () => {
    const client = quickClient({ stallSeconds: 0.4 });
    const { source } = await open([{ stallAfterBytes: 65_536, times: 1 }], { client });
    expect(same(await source.read(0, 200_000), expected(0, 200_000))).toBe(true);
    expect(client.waits).toMatchObject([{ why: 'stalled', message: expect.stringContaining('0.4 s') }]);
    expect(served().again).toBe(0);
  });

  test('is not slowness: a stream that drips is left alone', async () => {
    const client = quickClient({ stallSeconds: 0.4 });
    const { source } = await open([{ bytesPerSecond: 50_000 }], { client });
    await source.read(0, 40_000); // takes twice a stall
    expect(client.waits).toEqual([]);
    expect(served().requests).toBe(1);
  });

  test('is not a reader that takes its time', async () => {
    const client = quickClient({ stallSeconds: 0.4 });
    const { source } = await open([], { client });
    let bytes = 0;
    for await (const chunk of source.stream(0, 3_000_000)) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 800)); // twice a stall
      bytes += chunk.length;
    }
    expect(bytes).toBe(3_000_000);
    expect(client.waits).toEqual([]);
  });

  test.for([500, 502, 503, 504, 408] as const)('is status %s', async (status) => {
    const { source, client } = await open([{ status, times: 2 }]);
    await source.read(0, 10);
    expect(client.waits).toHaveLength(2);
  });

  test('but not for ever', async () => {
    const { source } = await open([{ refuse: true }]);
    await expect(source.read(0, 10)).rejects.toMatchObject({
      code: 'network-failed',
      message: expect.stringContaining('6 attempts'),
    });
  });

  test('as long as bytes arrive between the failures', async () => {
    const { source } = await open([{ cutAfterBytes: 1000 }]);
    expect(same(await source.read(0, 20_000), expected(0, 20_000))).toBe(true);
    expect(served().requests).toBe(20);
  });
});

describe('a server that has had too many requests', () => {
  test('is waited for as long as it says, and the wait is told', async () => {
    const { source, client } = await open([{ status: 429, headers: { 'retry-after': '1' }, times: 1 }]);
    const begun = performance.now();
    await source.read(0, 10);
    expect(performance.now() - begun).toBeGreaterThan(990);
    expect(client.waits).toMatchObject([{ why: 'rate-limited', seconds: 1, address: address() }]);
  });

  test('holds up all requests to it', async () => {
    const { source } = await open([{ status: 429, headers: { ratelimit: '"resolve";r=0;t=1' }, times: 1 }]);
    const begun = performance.now();
    const done = await Promise.all(
      Array.from({ length: 6 }, async (_, i) => {
        await source.read(i, i + 1);
        return performance.now() - begun;
      }),
    );
    // The two that were under way when it said so; the others began after the wait.
    expect(done.filter((ms) => ms > 990).length).toBeGreaterThanOrEqual(5);
  });

  test('is given up when it keeps saying so', async () => {
    const { source } = await open([{ status: 429 }]);
    await expect(source.read(0, 10)).rejects.toMatchObject({ code: 'rate-limited' });
  });

  test('is not waited for longer than makes sense', async () => {
    const { source } = await open([{ status: 429, headers: { 'retry-after': '3000' } }]);
    await expect(source.read(0, 10)).rejects.toMatchObject({
      code: 'rate-limited',
      message: expect.stringContaining('3000 s'),
    });
  });

  test('says how long in four ways', () => {
    const now = Date.parse('Thu, 26 Nov 2026 10:00:00 GMT');
    const wait = (headers: Record<string, string>) => toldWait(new Headers(headers), now);
    expect(wait({ 'retry-after': '7' })).toBe(7);
    expect(wait({ 'retry-after': 'Thu, 26 Nov 2026 10:01:30 GMT' })).toBe(90);
    expect(wait({ 'retry-after': 'Thu, 26 Nov 2026 09:00:00 GMT' })).toBe(0);
    expect(wait({ ratelimit: '"api|ip";r=0;t=123' })).toBe(123);
    expect(wait({ ratelimit: 'limit=100, remaining=0, reset=50' })).toBe(50);
    expect(wait({ ratelimit: '"start";r=5' })).toBeUndefined();
    expect(wait({ 'retry-after': 'soon' })).toBeUndefined();
    expect(wait({})).toBeUndefined();
  });
});

describe('a signed address', () => {
  test('that has expired is asked for again, and nobody notices', async () => {
    const { source, client } = await open();
    await source.read(0, 10);
    hub().expire();
    expect(same(await source.read(10, 5000), expected(10, 5000))).toBe(true);
    expect(client.waits).toEqual([]);
    expect(served()).toMatchObject({ redirects: 1, requests: 2 });
  });

  test.for([401, 403, 410] as const)('that is refused with %s is asked for again', async (status) => {
    const { source } = await open([{ status, times: 1 }]);
    expect(same(await source.read(10, 5000), expected(10, 5000))).toBe(true);
    expect(served().redirects).toBe(1);
  });

  test('that gives no answer is asked for again', async () => {
    const { source } = await open([{ refuse: true, times: 1 }]);
    expect(same(await source.read(10, 5000), expected(10, 5000))).toBe(true);
    expect(served().redirects).toBe(1);
  });

  test('that is refused when new is an error', async () => {
    const { source } = await open([{ status: 403 }]);
    await expect(source.read(0, 10)).rejects.toMatchObject({ code: 'access-denied' });
    expect(served().redirects).toBe(1);
  });

  test('that expires while many read is asked for a few times only', async () => {
    const { source } = await open();
    hub().expire();
    await Promise.all(Array.from({ length: 20 }, (_, i) => source.read(i * 100, i * 100 + 100)));
    expect(served().redirects).toBeLessThanOrEqual(8); // those of the four places, and of who follows them
  });
});

describe('told at once, with what to do', () => {
  test.for<[string, FaultInput, string, RegExp]>([
    ['who asks is not known', { at: 'resolve', status: 401 }, 'access-denied', /401.*private or gated.*token/],
    [
      'access is not granted',
      { at: 'resolve', status: 403 },
      'access-denied',
      /403.*never asked.*not granted yet.*token/,
    ],
    ['there is no such file', { at: 'resolve', status: 404 }, 'weights-missing', /404.*revision and path/],
    ['the request is odd', { at: 'resolve', status: 418 }, 'weights-missing', /418/],
    ['only whole files are sent', { whole: true }, 'weights-missing', /whole files only.*status 200/],
  ])('on opening: %s', async ([, fault, code, message]) => {
    hub().setFaults([fault]);
    const client = quickClient();
    await expect(openHttpSource(address(), { client })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(client.waits).toEqual([]);
  });

  test.for<[string, FaultInput, RegExp]>([
    ['the file is shorter than it was', { status: 416 }, /416/],
    ['a whole file comes where a range was asked', { whole: true }, /100–200.*status 200/],
    ['another range comes', { shiftBytes: 8 }, /100–200.*bytes 108-207/],
    ['another range comes unseen, of another length', { hideRange: true, extraBytes: 8 }, /100–200.*108 bytes/],
    ['more comes than was asked, without a word', { hideRange: true, hideLength: true, extraBytes: 8 }, /an untold/],
    ['less comes, and what it is cannot be seen', { hideRange: true, endAfterBytes: 60 }, /an untold number of bytes/],
    ['what comes says not what it is', { hideRange: true, hideLength: true }, /an untold number of bytes/],
    ['the file has another size', { totalBytes: 5_000_000 }, /changed on the server.*12850552 bytes.*5000000/],
    ['the file has another tag', { etag: '"other"' }, /changed on the server.*ETag.*"other"/],
  ])('on reading: %s', async ([, fault, message]) => {
    const { source, client } = await open([fault]);
    await expect(source.read(100, 200)).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(message),
    });
    expect(client.waits).toEqual([]);
  });

  test('a host that nobody answers at is named, and asked twice only', async () => {
    const client = quickClient();
    await expect(openHttpSource('http://127.0.0.1:1/w.gguf', { client })).rejects.toMatchObject({
      code: 'network-failed',
      message: expect.stringMatching(/127\.0\.0\.1:1 cannot be reached \(.*\(2 attempts\)/),
    });
  });

  test.for(['weights.gguf', 'ftp://host/w.gguf', 'blob:null/1'])('%s is no web address', async (text) => {
    await expect(openHttpSource(text)).rejects.toMatchObject({ code: 'weights-missing' });
  });
});

describe('an access token', () => {
  const gated = () => address('wanscope/gated');

  test('opens what is gated, and goes to the hub alone', async () => {
    // Where it redirects, a request that brings a token is refused.
    const source = await openHttpSource(gated(), { client: quickClient(), token: 'hf_synthetic' });
    hub().expire();
    expect(same(await source.read(0, 100), expected(0, 100))).toBe(true);
  });

  test('that is missing or wrong is told apart, in the words of the hub', async () => {
    for (const token of [undefined, ''])
      await expect(openHttpSource(gated(), { client: quickClient(), token })).rejects.toMatchObject({
        code: 'access-denied',
        message: expect.stringMatching(/status 401.*Access to this repository is restricted/),
      });
    await expect(openHttpSource(gated(), { client: quickClient(), token: 'hf_other' })).rejects.toMatchObject({
      code: 'access-denied',
      message: expect.stringMatching(/status 403.*was not granted/),
    });
  });
});

describe('a stop', () => {
  test.for<[string, FaultInput[]]>([
    ['before the answer', [{ stallAfterBytes: 0 }]],
    ['within the body', [{ bytesPerSecond: 10_000 }]],
    ['within a pause', [{ status: 429, headers: { 'retry-after': '100' } }]],
  ])('%s takes effect at once', async ([, faults]) => {
    const { source } = await open(faults);
    const stopping = new AbortController();
    const reading = source.read(0, 1_000_000, stopping.signal);
    setTimeout(() => stopping.abort(), 50);
    const begun = performance.now();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  describe('of a fetch that does not notice', () => {
    afterEach(() => void vi.unstubAllGlobals());

    test('takes effect at once too', async () => {
      const { source } = await open();
      let asked = () => {};
      const begun = new Promise<void>((resolve) => {
        asked = resolve;
      });
      vi.stubGlobal('fetch', async () => {
        const pull = () => void setTimeout(asked, 10); // and brings nothing, ever
        const headers = { 'content-range': `bytes 0-9/${BYTES}` };
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { status: 206, headers });
      });
      const stopping = new AbortController();
      const reading = source.read(0, 10, stopping.signal);
      await begun;
      stopping.abort();
      await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    }, 2000);
  });

  test('while waiting for a place frees it for the others', async () => {
    const { source } = await open([{ bytesPerSecond: 200_000, times: 2 }]);
    const slow = [source.read(0, 60_000), source.read(0, 60_000)];
    const stopping = new AbortController();
    const waiting = source.read(0, 10, stopping.signal);
    const next = source.read(10, 20);
    stopping.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(same(await next, expected(10, 20))).toBe(true);
    await Promise.all(slow);
  });
});

describe('requests at once', () => {
  test('are never more than four to a host, and more than two where that is faster', async () => {
    let [running, most] = [0, 0];
    const server = createServer((request, response) => {
      const [begin, end] = /(\d+)-(\d+)/.exec(request.headers.range!)!.slice(1).map(Number) as [number, number];
      running += 1;
      most = Math.max(most, running);
      response.once('close', () => void (running -= 1));
      // Each connection is slow by itself, so that more of them bring more: by much, whatever else the machine does.
      response.writeHead(206, { 'content-range': `bytes ${begin}-${end}/1000000` });
      setTimeout(() => response.end(Buffer.alloc(end + 1 - begin)), 60);
    });
    const client = quickClient();
    const url = await listening(server);
    const source = await openHttpSource(url, { client });
    await Promise.all(Array.from({ length: 60 }, (_, i) => source.read(i * 1000, i * 1000 + 1000)));
    server.close();
    expect(most).toBe(4);
    expect(client.hosts.parallel(new URL(url).host)).toBeGreaterThan(2);
  });

  test('become fewer on errors, and one is left', async () => {
    const { source, client } = await open([{ status: 503, times: 5 }]);
    await source.read(0, 10);
    // The hub's own host had none.
    expect([...client.answered].map((host) => client.hosts.parallel(host))).toEqual([2, 1]);
  });

  test('hold no more bytes than are allowed, and a read larger than that goes alone', async () => {
    const hosts = createHosts({ windowSeconds: 1000 });
    const log: string[] = [];
    const enter = async (name: string, host: string, bytes: number) => {
      const place = await hosts.enter(host, bytes);
      log.push(name);
      return place;
    };
    const first = await enter('first', 'a', MAX_BYTES_IN_FLIGHT - 10);
    const second = enter('second', 'b', 11);
    const third = enter('third', 'c', 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log).toEqual(['first']);
    first.leave();
    (await second).leave();
    (await third).leave();
    const huge = await enter('huge', 'a', 3 * MAX_BYTES_IN_FLIGHT);
    const after = enter('after', 'b', 0);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log).toEqual(['first', 'second', 'third', 'huge']);
    huge.leave();
    (await after).leave();
  });
});

test('two sources of one client share the places of their host', async () => {
  const other = await startHub();
  const client = quickClient({ windowSeconds: 1000 });
  const url = `${other.url}/${REPO}/resolve/main/diffusers/vae/config.json`;
  const sources = await Promise.all([openHttpSource(url, { client }), openHttpSource(url, { client })]);
  other.setFaults([{ at: 'resolve', bytesPerSecond: 250 }]);
  const begun = performance.now();
  // Three tenths of a second each, two at a time.
  await Promise.all(sources.flatMap((source) => [source.read(0, 100), source.read(0, 100)]));
  expect(performance.now() - begun).toBeGreaterThan(550);
  await other.close();
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/w.safetensors`;
}
