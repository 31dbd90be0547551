/** The HTTP client in a browser, with a browser's rules: preflights, what a page may see, and what it is not told. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Hub, startHub } from '../../src/hub/server';
import type * as httpSource from '../../src/weights/http_source';
import { openBrowser } from '../support/browser';

const ENTRY = fileURLToPath(new URL('../../src/weights/http_source.ts', import.meta.url));
const PATH = 'original/umt5_tiny_enc_bf16.safetensors';
const BYTES = 502_688;

declare global {
  var http: typeof httpSource;
}

let hub: Hub;
let browser: Browser;
let page: Page;
let module: string;

beforeAll(async () => {
  hub = await startHub();
  const bundle = (await build({
    configFile: false,
    logLevel: 'warn',
    build: { write: false, target: 'es2023', lib: { entry: ENTRY, formats: ['es'] } },
  })) as Rolldown.RolldownOutput[];
  browser = await openBrowser({ webgpu: false });
  // The page's own policy lets no code in that is not the app's, such as this test's.
  page = await (await browser.newContext({ bypassCSP: true })).newPage();
  module = `data:text/javascript,${encodeURIComponent(bundle[0]!.output[0].code)}`;
});
beforeEach(async () => {
  hub.setFaults([]);
  hub.resetCounts();
  // A client that has met no host yet: the first failure of one is told soon.
  await page.goto(inject('appUrl'));
  // As text: the test's own transformation would replace `import`.
  await page.evaluate(`import(${JSON.stringify(module)}).then((module) => void (globalThis.http = module))`);
});
afterAll(async () => {
  await browser.close();
  await hub.close();
});

const address = (repo = 'wanscope/tiny') => `${hub.url}/${repo}/resolve/main/${PATH}`;

/** Opens in the page, reads twice and streams; what came of it, or the AppError. */
function readInPage(url: string, token?: string) {
  return page.evaluate(
    async ([url, token]) => {
      const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => (total * 31 + byte) % 1_000_003, 7);
      try {
        const source = await http.openHttpSource(url!, { token });
        const sums = [sum(await source.read(0, 100_000)), sum(await source.read(200_001, 300_000))];
        let streamed = 0;
        for await (const chunk of source.stream(300_000, source.bytes)) streamed += chunk.length;
        const { bytes, requests, bytesReceived } = source;
        return { bytes, sums, streamed, requests, bytesReceived };
      } catch (failure) {
        const { code, message } = failure as { code: string; message: string };
        return { code, message };
      }
    },
    [url, token] as const,
  );
}

const served = () => Object.values(hub.counts().files)[0]!;

test('reads through the redirect without a preflight, and asks for the signed address once', async () => {
  const read = await readInPage(address());
  const here = await startHub();
  const bytes = new Uint8Array(await (await fetch(`${here.url}/wanscope/tiny/resolve/main/${PATH}`)).arrayBuffer());
  await here.close();
  const sum = (part: Uint8Array) => part.reduce((total, byte) => (total * 31 + byte) % 1_000_003, 7);
  expect(read).toEqual({
    bytes: BYTES,
    sums: [sum(bytes.subarray(0, 100_000)), sum(bytes.subarray(200_001, 300_000))],
    streamed: BYTES - 300_000,
    requests: 4,
    bytesReceived: 1 + 100_000 + 99_999 + BYTES - 300_000,
  });
  expect(hub.counts().preflights).toBe(0);
  expect(served()).toMatchObject({ redirects: 1, requests: 4 });
});

test('reads from a host that does not let it see ranges', async () => {
  hub.setFaults([{ hideRange: true }]);
  expect(await readInPage(address())).toMatchObject({ bytes: BYTES, streamed: BYTES - 300_000 });
});

test('goes on after cuts', async () => {
  hub.setFaults([{ cutAfterBytes: 60_000, times: 3 }]);
  expect(await readInPage(address())).toMatchObject({ bytes: BYTES, streamed: BYTES - 300_000 });
});

test('asks for the signed address again where it may not see that it has expired', async () => {
  hub.setFaults([{ status: 403, noCors: true, skip: 1, times: 1 }]);
  expect(await readInPage(address())).toMatchObject({ bytes: BYTES, streamed: BYTES - 300_000 });
  expect(served().redirects).toBe(2);
});

test('sends a token to the hub alone', async () => {
  expect(await readInPage(address('wanscope/gated'), 'hf_synthetic')).toMatchObject({ bytes: BYTES });
  expect(hub.counts().preflights).toBeGreaterThan(0);
});

test('is told that a host which forbids reading may also be unreachable', async () => {
  hub.setFaults([{ at: 'resolve', noCors: true }]);
  expect(await readInPage(address())).toMatchObject({
    code: 'network-failed',
    message: expect.stringMatching(/cannot be reached, or does not let other sites read its files \(CORS\)/),
  });
});

test('is told that the machine is offline', async () => {
  await page.context().setOffline(true);
  try {
    expect(await readInPage(address())).toMatchObject({
      code: 'network-failed',
      message: expect.stringContaining('this machine is offline'),
    });
  } finally {
    await page.context().setOffline(false);
  }
});
