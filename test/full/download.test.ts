/** A download of 1 GiB, killed ten times at random moments, and what it takes of the browser's memory. Two minutes. */
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHUNK_BYTES } from '../../src/weights/stored_file';
import type {} from '../browser/store_page/main';
import { type RangeServer, startRangeServer } from '../support/range_server';
import { type KillableBrowser, launchKillable, type ServedPage, serveStorePage } from '../support/store_page';

const MIB = 2 ** 20;
const FILE_BYTES = 1024 * MIB + 4321;
const KILLS = 10;
const MINUTES = 60_000;

let served: ServedPage;
let server: RangeServer;
let browser: KillableBrowser;
beforeAll(async () => {
  server = await startRangeServer({ large: FILE_BYTES });
  served = await serveStorePage();
});
afterAll(async () => {
  await browser.close();
  await served.close();
  await server.close();
});

const begin = (page: Page, id: string) =>
  page.evaluate((id) => {
    Object.assign(globalThis, { ended: store.failure(store.loader.download(id, () => {})) });
  }, id);

test('1 GiB survives ten kills, loses a chunk a kill at most, and is right', { timeout: 10 * MINUTES }, async () => {
  const file = server.files.get('large')!;
  const user = join(served.folder, 'user');
  browser = await launchKillable(user);
  let page = await browser.openPage(served.url);
  const files = [{ name: 'large', address: file.address, bytes: file.bytes, sha256: file.sha256 }];
  const { id } = await page.evaluate((files) => store.loader.add({ name: 'Large', files }), files);

  let lostBytes = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const before = file.uniqueBytes;
    await begin(page, id);
    const until = before + Math.random() * 160 * MIB * (1 - before / FILE_BYTES);
    while (file.uniqueBytes < until) await new Promise((resolve) => setTimeout(resolve, 1));
    await browser.kill();
    const sentBytes = file.uniqueBytes;
    browser = await launchKillable(user);
    page = await browser.openPage(served.url);
    const { presentBytes } = (await page.evaluate(() => store.loader.models()))[0]!.files[0]!;
    const loss = sentBytes - presentBytes;
    console.log(`kill ${kill}: ${presentBytes / MIB} MiB there, ${(loss / MIB).toFixed(2)} MiB to fetch again`);
    expect(loss).toBeLessThanOrEqual(CHUNK_BYTES);
    lostBytes += loss;
  }

  const peak = await watchHeap(await browser.context.newCDPSession(page));
  await begin(page, id);
  expect(await page.evaluate('ended')).toBe(null);
  const state = (await page.evaluate(() => store.loader.models()))[0]!.files[0]!;
  expect(state).toMatchObject({ presentBytes: FILE_BYTES, checked: 'right' });
  console.log(`fetched again: ${(file.resentBytes / MIB).toFixed(1)} MiB; ${describeHeap(peak())}`);
  expect(file.resentBytes).toBeLessThanOrEqual(lostBytes);
  expect(file.resentBytes).toBeLessThanOrEqual(KILLS * CHUNK_BYTES);
  await page.evaluate((id) => store.loader.remove(id), id);
});

test('the heap stays under 128 MB while 1 GiB is downloaded and hashed', { timeout: 10 * MINUTES }, async () => {
  const file = server.files.get('large')!;
  const page = await browser.openPage(served.url);
  const files = [{ name: 'large', address: file.address, bytes: file.bytes, sha256: file.sha256 }];
  const { id } = await page.evaluate((files) => store.loader.add({ name: 'Large', files }), files);
  const peak = await watchHeap(await browser.context.newCDPSession(page));
  const beganMs = performance.now();
  await begin(page, id);
  expect(await page.evaluate('ended')).toBe(null);
  const seconds = (performance.now() - beganMs) / 1000;
  const heap = peak();
  console.log(`${(FILE_BYTES / MIB / seconds).toFixed(0)} MiB/s fetched and hashed; ${describeHeap(heap)}`);
  expect(heap.samples).toBeGreaterThan(10);
  expect(heap.scriptBytes + heap.bufferBytes).toBeLessThanOrEqual(128e6);
});

interface HeapPeak {
  samples: number;
  /** Objects, and the contents of ArrayBuffers, of all workers of the page together. */
  scriptBytes: number;
  bufferBytes: number;
}

const describeHeap = ({ samples, scriptBytes, bufferBytes }: HeapPeak) =>
  `peak heap of the workers ${(scriptBytes / 1e6).toFixed(1)} MB of objects and ${(bufferBytes / 1e6).toFixed(1)} MB of buffers in ${samples} samples`;

/** Asks the page's workers for their heaps ten times a second. Returns what tells the peak, and ends the watch. */
async function watchHeap(session: CDPSession): Promise<() => HeapPeak> {
  const peak: HeapPeak = { samples: 0, scriptBytes: 0, bufferBytes: 0 };
  const workers = new Set<string>();
  const now = new Map<string, { usedSize: number; backingStorageSize: number }>();
  session.on('Target.attachedToTarget', ({ sessionId }) => workers.add(sessionId));
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    const { result } = JSON.parse(message);
    if (result?.usedSize === undefined) return;
    now.set(sessionId, result);
    const sum = (key: 'usedSize' | 'backingStorageSize') => [...now.values()].reduce((all, heap) => all + heap[key], 0);
    peak.samples += 1;
    peak.scriptBytes = Math.max(peak.scriptBytes, sum('usedSize'));
    peak.bufferBytes = Math.max(peak.bufferBytes, sum('backingStorageSize'));
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const message = JSON.stringify({ id: 1, method: 'Runtime.getHeapUsage' });
  const timer = setInterval(() => {
    for (const sessionId of workers) session.send('Target.sendMessageToTarget', { sessionId, message }).catch(() => {});
  }, 100);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
