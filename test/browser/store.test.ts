/**
 * The store, the loader worker and its port in a real Chromium: its private file
 * system, its workers, and processes that are killed.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startHub } from '../../src/hub/server';
import { BLOCK_BYTES } from '../../src/weights/chunk_map';
import { CHUNK_BYTES } from '../../src/weights/stored_file';
import type { SourceKey } from '../../workers/byte_port';
import { pattern } from '../support/pattern';
import { type RangeServer, type ServedFile, startRangeServer } from '../support/range_server';
import { type ServedPage, servePage } from '../support/serve_page';
import { type KillableBrowser, launchKillable } from '../support/store_page';
import type {} from './store_page/main';

const MIB = 2 ** 20;

let served: ServedPage;
let server: RangeServer;
let browser: KillableBrowser;
let page: Page;

beforeAll(async () => {
  served = await servePage('store_page');
  browser = await launchKillable(join(served.folder, 'user'));
});
afterAll(async () => {
  await browser.close();
  await served.close();
});
beforeEach(async () => {
  server = await startRangeServer({ killed: 64 * MIB + 12345, small: 12 * MIB + 999, other: 3 * MIB });
  page = await browser.openPage(served.url);
});
afterEach(async () => {
  for (const { id } of await models(page)) await page.evaluate((id) => store.loader.remove(id), id);
  await page.close();
  await server.close();
});

const file = (name: string): ServedFile => server.files.get(name)!;
const models = (page: Page) => page.evaluate(() => store.loader.models());
const model = async (id: string) => (await models(page)).find((state) => state.id === id)!;
const failure = (page: Page, id: string) =>
  page.evaluate((id) => store.failure(store.loader.download(id, () => {})), id);

/** Lists the files as a model and returns its id. */
async function add(names: string[], unwanted: { beginByte: number; endByte: number }[] = []): Promise<string> {
  const files = names.map((name) => {
    const { address, bytes, sha256 } = file(name);
    return { name, address, bytes, sha256, unwanted };
  });
  const record = await page.evaluate((files) => store.loader.add({ name: 'Test', files }), files);
  return record.id;
}

/** Begins a download and does not wait for it. Its end, and its last progress, are in the page's `globalThis`. */
const begin = (page: Page, id: string) =>
  page.evaluate((id) => {
    const onProgress = (progress: object) => void Object.assign(globalThis, { progress });
    const ended = store.failure(store.loader.download(id, onProgress));
    Object.assign(globalThis, { ended });
  }, id);
const end = (page: Page): Promise<{ code: string; message: string } | null> =>
  page.evaluate('ended') as Promise<{ code: string; message: string } | null>;
const progress = (page: Page) =>
  page.evaluate('progress') as Promise<{ phase: string; bytes: number; bytesPerSecond: number; secondsLeft: number }>;

const arrived = (name: string, bytes: number) =>
  expect.poll(() => file(name).uniqueBytes, { interval: 10, timeout: 20_000 }).toBeGreaterThanOrEqual(bytes);

const compare = (key: SourceKey, ranges: [number, number][]) =>
  page.evaluate(({ key, ranges }) => store.reader.compare(key, ranges), { key, ranges });

const stored = (id: string, name: string): SourceKey => ({ kind: 'stored', model: id, file: name });

test('a download that is killed three times goes on each time, and loses a chunk at most', async () => {
  const id = await add(['killed']);
  server.bytesPerSecond = 40 * MIB;
  let lost = 0;
  for (const kind of ['page', 'process', 'process']) {
    const before = file('killed').uniqueBytes;
    await begin(page, id);
    await arrived('killed', before + (2 + Math.random() * 14) * MIB);
    if (kind === 'process') {
      await browser.kill();
      browser = await launchKillable(join(served.folder, 'user'));
    } else await page.close();
    page = await browser.openPage(served.url);
    const { presentBytes, evicted } = (await model(id)).files[0]!;
    const loss = file('killed').uniqueBytes - presentBytes;
    console.log(`killed (${kind}): ${presentBytes / MIB} MiB there, ${(loss / MIB).toFixed(2)} MiB to fetch again`);
    expect(loss).toBeLessThanOrEqual(CHUNK_BYTES);
    expect(evicted).toBe(false);
    lost += loss;
  }
  server.bytesPerSecond = Number.POSITIVE_INFINITY;
  expect(await failure(page, id)).toBe(null);
  expect((await model(id)).files[0]).toMatchObject({ checked: 'right', presentBytes: file('killed').bytes });
  expect(file('killed').resentBytes).toBeLessThanOrEqual(lost);
  expect(file('killed').uniqueBytes).toBe(file('killed').bytes);
});

describe('a download', () => {
  test('pauses and resumes, and says how fast it is', async () => {
    server.bytesPerSecond = 8 * MIB;
    const id = await add(['small']);
    await begin(page, id);
    await arrived('small', 4 * MIB);
    const running = await progress(page);
    expect(running).toMatchObject({ phase: 'downloading' });
    expect(running.bytesPerSecond).toBeGreaterThan(2 * MIB);
    expect(running.bytesPerSecond).toBeLessThan(16 * MIB);
    expect(running.secondsLeft).toBeCloseTo((file('small').bytes - running.bytes) / running.bytesPerSecond);
    await page.evaluate((id) => store.loader.pause(id), id);
    await expect.poll(async () => (await progress(page)).phase).toBe('paused');
    const paused = file('small').sentBytes;
    await page.waitForTimeout(500);
    expect(file('small').sentBytes).toBe(paused);
    expect((await model(id)).files[0]!.presentBytes).toBeLessThan(file('small').bytes);
    server.bytesPerSecond = Number.POSITIVE_INFINITY;
    await page.evaluate((id) => store.loader.resume(id), id);
    expect(await end(page)).toBe(null);
    expect((await model(id)).files[0]!.checked).toBe('right');
    expect(file('small').resentBytes).toBeLessThanOrEqual(CHUNK_BYTES);
  });

  test('that is paused while it opens stays so until it is resumed', async () => {
    const id = await add(['other']);
    const sent = file('other').sentBytes;
    await page.evaluate((id) => {
      const onProgress = (progress: object) => void Object.assign(globalThis, { progress });
      const ended = store.failure(store.loader.download(id, onProgress));
      Object.assign(globalThis, { ended });
      return store.loader.pause(id);
    }, id);
    await expect.poll(async () => (await progress(page)).phase).toBe('paused');
    await page.waitForTimeout(300);
    expect(file('other').sentBytes).toBe(sent);
    await page.evaluate((id) => store.loader.resume(id), id);
    expect(await end(page)).toBe(null);
    expect((await model(id)).files[0]!.checked).toBe('right');
  });

  test('that is paused can be cancelled', async () => {
    const id = await add(['other']);
    await begin(page, id);
    await page.evaluate((id) => store.loader.pause(id), id);
    await page.evaluate((id) => store.loader.cancel(id), id);
    expect(await end(page)).toMatchObject({ code: 'cancelled' });
  });

  test('that is cancelled keeps what has arrived', async () => {
    server.bytesPerSecond = 16 * MIB;
    const id = await add(['small', 'other']);
    await begin(page, id);
    await arrived('small', 6 * MIB);
    await page.evaluate((id) => store.loader.cancel(id), id);
    expect(await end(page)).toMatchObject({ code: 'cancelled' });
    const kept = (await model(id)).files[0]!.presentBytes;
    expect(kept).toBeGreaterThanOrEqual(2 * MIB);
    expect(kept).toBeLessThan(file('small').bytes);
    server.bytesPerSecond = Number.POSITIVE_INFINITY;
    expect(await failure(page, id)).toBe(null);
    expect((await model(id)).files.map(({ checked }) => checked)).toEqual(['right', 'right']);
    expect(file('small').sentBytes).toBeLessThanOrEqual(file('small').bytes + 4 * BLOCK_BYTES);
  });

  test('of wrong bytes is told, set aside, and can be had again', async () => {
    file('other').wrongByteAt = 2 * MIB + 17;
    const id = await add(['other']);
    expect(await failure(page, id)).toMatchObject({
      code: 'checksum-wrong',
      message: expect.stringContaining(file('other').sha256),
    });
    expect((await model(id)).files[0]!.checked).toBe('wrong');
    await page.evaluate(() => store.connectReader());
    await expect(compare(stored(id, 'other'), [[0, 9]])).rejects.toThrow(/set aside/);
    file('other').wrongByteAt = null;
    expect(await failure(page, id)).toBe(null);
    expect((await model(id)).files[0]!.checked).toBe('right');
    expect(await compare(stored(id, 'other'), [[0, 3 * MIB]])).toMatchObject({ bytes: 3 * MIB, wrong: 0 });
  });

  test('goes on with the version it began with only, also where the origin tells no checksum', async () => {
    server.bytesPerSecond = 16 * MIB;
    const { address, bytes } = file('small');
    file('small').etag = '"v1"';
    const files = [{ name: 'small', address, bytes }];
    const { id } = await page.evaluate((files) => store.loader.add({ name: 'Test', files }), files);
    await begin(page, id);
    await arrived('small', 6 * MIB);
    await page.evaluate((id) => store.loader.cancel(id), id);
    expect(await end(page)).toMatchObject({ code: 'cancelled' });
    server.bytesPerSecond = Number.POSITIVE_INFINITY;
    file('small').etag = '"v2"';
    // Listed again, it still has its bytes, and so their version.
    await page.evaluate((files) => store.loader.add({ name: 'Test', files }), files);
    expect(await failure(page, id)).toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/"v1".*"v2".*delete them and download it again/),
    });
    await page.evaluate((id) => store.loader.remove(id), id);
    await page.evaluate((files) => store.loader.add({ name: 'Test', files }), files);
    expect(await failure(page, id)).toBe(null);
    expect((await model(id)).files[0]).toMatchObject({ checked: 'no-sum', version: { tag: '"v2"' } });
  });

  test('into full storage says what is needed and what is there, and goes on when there is room', async () => {
    const origin = new URL(served.url).origin;
    const { usedBytes } = await page.evaluate(() => store.loader.storage());
    const session = await browser.context.newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usedBytes + 30 * MIB });
    const id = await add(['killed']);
    const refused = await failure(page, id);
    const { presentBytes } = (await model(id)).files[0]!;
    console.log(`full at ${presentBytes / MIB} MiB: ${refused?.message}`);
    expect(refused?.code).toBe('storage-full');
    expect(refused?.message).toContain(`needs ${file('killed').bytes - presentBytes} more bytes`);
    expect(refused?.message).toMatch(/reports \d+ free/);
    expect(presentBytes).toBeGreaterThanOrEqual(8 * MIB);
    expect(presentBytes).toBeLessThanOrEqual(30 * MIB);
    await page.evaluate(() => store.connectReader());
    expect(await compare(stored(id, 'killed'), [[0, BLOCK_BYTES]])).toMatchObject({ bytes: BLOCK_BYTES, wrong: 0 });
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    expect(await failure(page, id)).toBe(null);
    expect((await model(id)).files[0]!.checked).toBe('right');
  });

  test('of a file that has another size now is refused, with both sizes', async () => {
    const { address, bytes } = file('other');
    const files = [{ name: 'other', address, bytes: bytes + 1 }];
    const { id } = await page.evaluate((files) => store.loader.add({ name: 'Test', files }), files);
    expect(await failure(page, id)).toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(new RegExp(`${bytes + 1} bytes.* has ${bytes}`)),
    });
  });
});

test('deleting a model, whole or half, frees its bytes', async () => {
  const used = async () => (await page.evaluate(() => store.loader.storage())).usedBytes;
  const before = await used();
  const whole = await add(['other']);
  expect(await failure(page, whole)).toBe(null);
  server.bytesPerSecond = 16 * MIB;
  const half = await add(['small']);
  await begin(page, half);
  await arrived('small', 6 * MIB);
  expect(await used()).toBeGreaterThan(before + 4 * MIB);
  for (const id of [whole, half]) await page.evaluate((id) => store.loader.remove(id), id);
  expect(await end(page)).toMatchObject({ code: 'cancelled' });
  expect(await models(page)).toEqual([]);
  await expect.poll(used).toBeLessThan(before + 0.5 * MIB);
});

test('files that the browser took away are noticed, and can be had again', async () => {
  const id = await add(['other']);
  expect(await failure(page, id)).toBe(null);
  await page.evaluate(async (id) => {
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle('models')).getDirectoryHandle(id);
    await folder.removeEntry('0.data');
  }, id);
  expect((await model(id)).files[0]).toMatchObject({ evicted: true, presentBytes: 0 });
  expect(await failure(page, id)).toBe(null);
  expect((await model(id)).files[0]).toMatchObject({ evicted: false, checked: 'right', presentBytes: 3 * MIB });
  expect(file('other').resentBytes).toBe(3 * MIB);
});

test('a second tab sees the models, and is told that one is in use', async () => {
  server.bytesPerSecond = MIB;
  const id = await add(['small']);
  await begin(page, id);
  await arrived('small', 0.5 * MIB);
  const second = await browser.openPage(served.url);
  expect((await models(second)).map((state) => state.id)).toEqual([id]);
  for (const refused of [
    await failure(second, id),
    await second.evaluate((id) => store.failure(store.loader.remove(id)), id),
  ])
    expect(refused).toMatchObject({ code: 'storage-busy', message: expect.stringContaining('another tab') });
  await page.close();
  page = second;
  server.bytesPerSecond = Number.POSITIVE_INFINITY;
  expect(await failure(page, id)).toBe(null);
  expect((await model(id)).files[0]!.checked).toBe('right');
});

test('a model is never taken for an unreadable one while another tab writes its record', async () => {
  const id = await add(['other']);
  const second = await browser.openPage(served.url);
  const writing = page.evaluate(async (address) => {
    const files = [{ name: 'other', address, bytes: 3 << 20 }];
    for (let i = 0; i < 150; i++) await store.loader.add({ name: 'Test', files });
    return 'written';
  }, file('other').address);
  const unreadable = await second.evaluate(async (id) => {
    const found: unknown[] = [];
    for (let i = 0; i < 300; i++) {
      const states = await store.loader.models();
      if (!states.some((state) => state.id === id && state.usable)) found.push(states);
    }
    return found;
  }, id);
  expect(await writing).toBe('written');
  expect(unreadable).toEqual([]);
  await second.close();
});

test('a model that cannot be read does not hide the others', async () => {
  const id = await add(['other']);
  await page.evaluate(async () => {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    const broken = await models.getDirectoryHandle('broken', { create: true });
    await broken.getDirectoryHandle('model.json', { create: true });
  });
  expect((await models(page)).map(({ id, usable }) => [id, usable])).toEqual([
    ['broken', false],
    [id, true],
  ]);
});

test('where the browser stores nothing, that is said, and files on disk are read all the same', async () => {
  const user = join(served.folder, 'refusing');
  await mkdir(join(user, 'Default'), { recursive: true });
  // What 'block all site data' in the settings writes.
  const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(user, 'Default', 'Preferences'), JSON.stringify(settings));
  const refusing = await launchKillable(user);
  try {
    const refused = await refusing.openPage(served.url);
    expect(await refused.evaluate(() => store.failure(store.loader.models()))).toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining('private windows'),
    });
    expect(await refused.evaluate(() => store.loader.storage())).toMatchObject({ usedBytes: 0, persisted: false });
    const path = join(served.folder, 'chosen.bin');
    await writeFile(path, pattern(0, MIB));
    await refused.locator('input[type=file]').setInputFiles(path);
    await refused.evaluate(() => store.connectReader());
    const read = await refused.evaluate(async () => {
      const [key] = await store.loader.chooseFiles(document.querySelector('input')!.files!);
      return store.reader.compare(key!, [[0, 1 << 20]]);
    });
    expect(read).toMatchObject({ bytes: MIB, wrong: 0 });
  } finally {
    await refusing.close();
  }
});

test('a model of a hub is found, waited for, stored and read', async () => {
  const hub = await startHub();
  try {
    const base = hub.url;
    const choices = await page.evaluate((base) => store.loader.find('wanscope/tiny/original', base), base);
    const encoder = choices.find(({ name }) => name === 'original/umt5_tiny_enc_bf16.safetensors');
    expect(encoder?.format).toBe('safetensors');
    const [text] = encoder!.files;
    const waits = await page.evaluateHandle(async () => {
      const waits: string[] = [];
      await store.loader.watchWaits(({ why, seconds }) => void waits.push(`${why} ${seconds}`));
      return waits;
    });
    hub.setFaults([{ status: 429, headers: { 'retry-after': '1' }, times: 1 }]);
    // As lists: playwright brings no maps over.
    const tensors = (key: SourceKey) => page.evaluate(async (key) => [...(await store.loader.look(key)).tensors!], key);
    const found = await tensors({ kind: 'address', address: text!.url });
    expect(await waits.jsonValue()).toEqual(['rate-limited 1']);
    const embedding = new Map(found).get('token_embedding.weight')!;
    const { path: name, url: address, bytes, sha256 } = text!;
    const files = [{ name, address, bytes, sha256, unwanted: [embedding] }];
    const { id } = await page.evaluate((files) => store.loader.add({ name: 'Hub', files }), files);
    expect(await failure(page, id)).toBe(null);
    expect((await model(id)).files[0]).toMatchObject({ checked: 'partial', evicted: false });
    expect(await tensors(stored(id, name))).toEqual(found);
  } finally {
    await hub.close();
  }
});

describe('the engine reads', () => {
  const RANGES: [number, number][] = [
    [0, 1],
    [5, 5],
    [BLOCK_BYTES - 3, BLOCK_BYTES + 3],
    [1.5 * BLOCK_BYTES, 2.75 * BLOCK_BYTES],
    [3 * MIB - 7, 3 * MIB],
    ...Array.from({ length: 60 }, (_, i): [number, number] => [i * 40_000, i * 40_000 + 100_000]),
  ];
  const total = RANGES.reduce((sum, [begin, end]) => sum + end - begin, 0);
  beforeEach(() => page.evaluate(() => store.connectReader()));

  test('from the store', async () => {
    const id = await add(['other']);
    expect(await failure(page, id)).toBe(null);
    const sent = file('other').sentBytes;
    expect(await compare(stored(id, 'other'), RANGES)).toEqual({
      name: 'other',
      size: 3 * MIB,
      bytes: total,
      wrong: 0,
    });
    expect(file('other').sentBytes).toBe(sent);
  });

  test('from the network', async () => {
    const { address } = file('other');
    expect(await compare({ kind: 'address', address }, RANGES)).toMatchObject({
      name: address,
      bytes: total,
      wrong: 0,
    });
    file('other').wrongByteAt = 0;
    expect(await compare({ kind: 'address', address }, [[0, 9]])).toMatchObject({ bytes: 9, wrong: 1 });
  });

  test('from a file on disk, where it lies', async () => {
    const path = join(served.folder, 'chosen.bin');
    await writeFile(path, pattern(0, 3 * MIB));
    await page.locator('input[type=file]').setInputFiles(path);
    const [key] = await page.evaluate(() => store.loader.chooseFiles(document.querySelector('input')!.files!));
    expect(await compare(key!, RANGES)).toMatchObject({ name: 'chosen.bin', bytes: total, wrong: 0 });
    expect(await page.evaluate((key) => store.loader.look(key), key!)).toMatchObject({
      bytes: 3 * MIB,
      tensors: null,
      trouble: expect.stringContaining('chosen.bin'),
    });
    expect(await models(page)).toEqual([]);
  });

  test('from a folder, with those in it', async () => {
    const { files } = await page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle('chosen', { create: true });
      const inner = await folder.getDirectoryHandle('inner', { create: true });
      const writable = await (await inner.getFileHandle('deep.gguf', { create: true })).createWritable();
      await writable.write('abc');
      await writable.close();
      return store.loader.chooseFolder(folder);
    });
    expect(files).toEqual([{ key: { kind: 'chosen', id: expect.any(Number) }, path: 'chosen/inner/deep.gguf' }]);
    expect(await compare(files[0]!.key, [[0, 3]])).toMatchObject({ size: 3, bytes: 3 });
    await page.evaluate(async () =>
      (await navigator.storage.getDirectory()).removeEntry('chosen', { recursive: true }),
    );
  });

  test('what is not kept from the network, to the byte, and what is from the store', async () => {
    const hole: [number, number] = [3 * MIB, 10 * MIB];
    const id = await add(['small'], [{ beginByte: hole[0], endByte: hole[1] }]);
    expect(await failure(page, id)).toBe(null);
    expect((await model(id)).files[0]).toMatchObject({ checked: 'partial', wantedBytes: 5 * MIB + 999 });
    expect(file('small').uniqueBytes).toBe(5 * MIB + 999);
    file('small').asked.length = 0;
    const rows: [number, number][] = [
      [4_000_000, 4_008_192],
      [9 * MIB, 9 * MIB + 8192],
      [hole[0] - 100, hole[0] + 50],
      [100, 200],
    ];
    expect(await compare(stored(id, 'small'), rows)).toMatchObject({ bytes: 2 * 8192 + 250, wrong: 0 });
    expect(file('small').asked.toSorted(([a], [b]) => a - b)).toEqual([
      [hole[0], hole[0] + 50],
      [4_000_000, 4_008_192],
      [9 * MIB, 9 * MIB + 8192],
    ]);
    expect((await model(id)).files[0]!.presentBytes).toBe(5 * MIB + 999);
  });

  test('until it cancels, and errors keep their codes', async () => {
    server.bytesPerSecond = 4 * MIB;
    const { address } = file('small');
    expect(
      await page.evaluate((address) => store.reader.cancelReads({ kind: 'address', address }, 20, 4 << 20), address),
    ).toEqual(Array.from({ length: 20 }, () => 'cancelled'));
    const codes = await page.evaluate(
      (address) =>
        Promise.all(
          [
            store.reader.compare({ kind: 'address', address: `${address}-none` }, []),
            store.reader.compare({ kind: 'address', address }, [[0, 1e9]]),
            store.reader.compare({ kind: 'stored', model: 'none', file: 'x' }, []),
            store.reader.compare({ kind: 'chosen', id: 99 }, []),
          ].map(async (work) => (await store.failure(work))?.code),
        ),
      address,
    );
    expect(codes).toEqual(['weights-missing', 'file-invalid', 'weights-missing', 'weights-missing']);
  });

  test('and what a reader that is gone had open can be deleted', async () => {
    const id = await add(['other']);
    expect(await failure(page, id)).toBe(null);
    await page.evaluate((key) => store.reader.hold(key), stored(id, 'other'));
    const remove = () => page.evaluate((id) => store.failure(store.loader.remove(id)), id);
    expect(await remove()).toMatchObject({ code: 'storage-busy' });
    const removed = remove(); // what lets go of it travels another way, and may come a moment later
    await page.evaluate(() => store.loader.letGo());
    expect(await removed).toBe(null);
  });

  test('through the real engine worker too, which takes the port', async () => {
    await page.evaluate(() => store.loader.connectEngine());
    await page.evaluate(() => store.loader.connectEngine());
  });
});
