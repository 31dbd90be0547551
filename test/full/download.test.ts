/**
 * A download of more than a gigabyte, killed ten times at random moments, and what
 * such a download takes of the browser's memory. Three minutes.
 */
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Hub, startHub } from '../../src/hub/server';
import { CHUNK_BYTES } from '../../src/weights/stored_file';
import type {} from '../browser/store_page/main';
import { startRangeServer } from '../support/range_server';
import { type ServedPage, servePage } from '../support/serve_page';
import { type KillableBrowser, launchKillable } from '../support/store_page';

const MIB = 2 ** 20;
const KILLS = 10;
const MINUTES = 60_000;
/** 1.41 GB, in the real layout. */
const REPOSITORY = 'Comfy-Org/Wan_2.2_ComfyUI_Repackaged';
const VAE = 'split_files/vae/wan2.2_vae.safetensors';

let served: ServedPage;
let hub: Hub;
let browser: KillableBrowser;
beforeAll(async () => {
  hub = await startHub();
  served = await servePage('store_page');
  browser = await launchKillable(join(served.folder, 'user'));
});
afterAll(async () => {
  await browser.close();
  await served.close();
  await hub.close();
});

const begin = (page: Page, id: string) =>
  page.evaluate((id) => {
    Object.assign(globalThis, { ended: store.failure(store.loader.download(id, () => {})) });
  }, id);

test('1.4 GB survive ten kills, lose a chunk a kill at most, and are right', { timeout: 15 * MINUTES }, async () => {
  let page = await browser.openPage(served.url);
  const [vae] = await page.evaluate(({ name, base }) => store.loader.find(name, base), {
    name: `${REPOSITORY}/split_files/vae`,
    base: hub.url,
  });
  const { bytes, sha256, url: address } = vae!.files[0]!;
  expect([vae!.name, bytes > 1e9, sha256?.length]).toEqual([VAE, true, 64]);
  const files = [{ name: VAE, address, bytes, sha256 }];
  const { id } = await page.evaluate((files) => store.loader.add({ name: 'VAE', files }), files);

  const sent = () => hub.counts().files[`${REPOSITORY}/${VAE}`] ?? { bytes: 0, again: 0 };
  const uniqueBytes = () => sent().bytes - sent().again;
  let lostBytes = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const before = uniqueBytes();
    await begin(page, id);
    // On average a twelfth of the file between two kills, and less of it towards the end.
    const until = before + Math.random() * (bytes / 6) * (1 - before / bytes);
    while (uniqueBytes() < until) await new Promise((resolve) => setTimeout(resolve, 2));
    await browser.kill();
    const sentBytes = uniqueBytes();
    browser = await launchKillable(join(served.folder, 'user'));
    page = await browser.openPage(served.url);
    const { presentBytes } = (await page.evaluate(() => store.loader.models()))[0]!.files[0]!;
    const loss = sentBytes - presentBytes;
    console.log(`kill ${kill}: ${presentBytes / MIB} MiB there, ${(loss / MIB).toFixed(2)} MiB to fetch again`);
    expect(loss).toBeLessThanOrEqual(CHUNK_BYTES);
    lostBytes += loss;
  }

  await begin(page, id);
  expect(await page.evaluate('ended')).toBe(null);
  const state = (await page.evaluate(() => store.loader.models()))[0]!.files[0]!;
  expect(state).toMatchObject({ presentBytes: bytes, checked: 'right' });
  console.log(`fetched again: ${(sent().again / MIB).toFixed(1)} MiB of ${(bytes / MIB).toFixed(0)}`);
  // Each time it is opened, the file is asked for one byte.
  expect(sent().again).toBeLessThanOrEqual(lostBytes + KILLS + 1);
  await page.evaluate((id) => store.loader.remove(id), id);
});

const FILE_BYTES = 1024 * MIB + 4321;

test('the heap stays under 128 MB while 1 GiB is downloaded and hashed', { timeout: 10 * MINUTES }, async () => {
  const server = await startRangeServer({ large: FILE_BYTES });
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
  await server.close();
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
