/**
 * The Weights view as a visitor meets it, with a hub on this machine: add, look,
 * consent, download, check, measure, delete. One page for all, in that order.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Remark } from '../../src/core/events';
import { type Hub, startHub } from '../../src/hub/server';
import { type Desk, openDesk } from '../support/browser';
import { ggufHeader } from '../support/gguf_file';
import { layerValues, loraFile } from '../support/lora_file';
import { accessibilityProblems, openPage, PHONE, sidewaysScroll } from './open_page';

const CHECKPOINTS = new URL('../checkpoints/tiny/', import.meta.url).pathname;
/** Its matrices are large enough to be streamed. */
const SHARDED = 'diffusers/transformer/diffusion_pytorch_model.safetensors';
const WHOLE = 'original/wan_tiny_dit_bf16.safetensors';

const LARGE = 'original/wan_tiny_vae_bf16.safetensors';

let hub: Hub;
let desk: Desk;
let browser: Browser;
let page: Page;
/** In front of it, the page is hidden. */
let front: Page;
let problems: string[];
beforeAll(async () => {
  hub = await startHub({ hashBytes: 10e6 });
  desk = await openDesk();
  const { context } = desk;
  ({ browser } = desk);
  front = await context.newPage();
  ({ page, problems } = await openPage(browser, { view: 'weights', context, servers: [hub.url, hub.filesUrl] }));
  await page.bringToFront();
  page.setDefaultTimeout(10_000); // what it waits for are steps of milliseconds, or else named
  await useHub();
});
beforeEach(() => hub.setFaults([]));
afterAll(async () => {
  await desk.close();
  await hub.close();
});

async function useHub(): Promise<void> {
  await page.locator('summary', { hasText: 'Another hub' }).click();
  await page.getByLabel('Address of a mirror').fill(hub.url);
}

/** Another tab is in front of the page while it works. */
async function hidden(work: () => Promise<unknown>): Promise<void> {
  await front.bringToFront();
  expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
  await work();
  await page.bringToFront();
}

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const item = (name: string) => page.locator('.model', { hasText: name });
const status = (name: string, word: string) => item(name).locator('.model-head .status', { hasText: word });
const outcome = () => page.locator('.outcome').innerText();

async function look(text: string): Promise<void> {
  await page.getByLabel('Repository, page of a hub, or address of a file').fill(text);
  await button('Look').click();
  // What stood there before is gone with the next frame.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

async function lookInto(text: string): Promise<string> {
  await look(text);
  await page.locator('.outcome :is(.found, .failure)').waitFor();
  return outcome();
}

describe('a model by its address', () => {
  test('a repository shows its weights with their sizes, to pick one', async () => {
    await look('wanscope/tiny');
    await page.locator('.weight-choices').waitFor();
    expect(await page.locator('.weight-choices li').count()).toBeGreaterThanOrEqual(10);
    expect(await page.locator('.weight-choices', { hasText: SHARDED }).innerText()).toMatch(/2\.\d+.MiB · \d files/);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.locator('.choice', { hasText: SHARDED }).click();
    await page.locator('.found').waitFor();
  });

  test('what it is, and the exact size, are said before anything is brought', async () => {
    const text = await outcome();
    expect(text).toMatch(/Transformer · makes the video, step by step · 593,440 parameters in 2\.2\d.MiB/);
    expect(text).toMatch(/safetensors with Diffusers’ names · Stored as F32/);
    expect(text).toMatch(/Complete: every tensor/);
    expect(text).toMatch(/Download 2\.\d+.MiB \([\d,]{9} bytes\)\? It is kept in this browser until you delete it/);
    expect(text).toMatch(/The browser reports .* free/);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await page.locator('.model').count()).toBe(0);
  });

  test('after consent it is downloaded, checked and listed with its size', async () => {
    await button('Download').click();
    await status(SHARDED, 'complete').waitFor();
    await expect.poll(() => item(SHARDED).innerText()).toMatch(/Transformer · F32/);
    const text = await item(SHARDED).innerText();
    expect(text).toMatch(/2\.\d+.MiB kept in this browser from 127\.0\.0\.1:\d+\/wanscope\/tiny ✓ complete/);
    expect(text).toMatch(/checked: its sha256 is the one its origin tells/);
    expect(await page.locator('.storage').innerText()).toMatch(/2\.\d+.MiB used in this browser/);
    await expect.poll(() => page.locator('[role=status]', { hasText: 'is here and checked' }).count()).toBe(1);
    await item(SHARDED).locator('summary').click();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('pauses, goes on, and keeps what has arrived when it is cancelled', async () => {
    hub.setFaults([{ bytesPerSecond: 300_000 }]);
    await lookInto(`wanscope/tiny/${WHOLE}`);
    await button('Download').click();
    const line = item(WHOLE).locator('.line');
    await expect.poll(() => line.innerText()).toMatch(/KiB of 1\.14.MiB · .*B\/s/);
    await button('Pause').click();
    await expect.poll(() => line.innerText()).toMatch(/^Paused · /);
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('Resume').click();
    await expect.poll(() => line.innerText()).toMatch(/KiB of 1\.14.MiB · .*B\/s/);
    await button('Cancel').click();
    await status(WHOLE, 'interrupted').waitFor();
    expect(await item(WHOLE).innerText()).toMatch(/of 1\.14.MiB are here/);
  });

  /** What is still lacking comes slowly. */
  async function comesSlowly(button: string, bytesPerSecond = 100_000): Promise<void> {
    hub.setFaults([{ bytesPerSecond }]);
    await item(WHOLE).getByRole('button', { name: button }).click();
    await expect.poll(() => item(WHOLE).locator('.line').innerText()).toMatch(/KiB of 1\.14.MiB · .*B\/s/);
  }

  test('one that a reload interrupts is listed as such', async () => {
    await comesSlowly('Continue');
    await page.reload();
    await status(WHOLE, 'interrupted').waitFor();
    expect(await item(WHOLE).locator('.line').count()).toBe(0);
    await useHub();
  });

  test('one whose worker is ended says so, and goes on in the next', async () => {
    await comesSlowly('Continue');
    const loader = page.workers().find((worker) => /\/loader-/.test(worker.url()))!;
    await loader.evaluate(() => self.close());
    await item(WHOLE).locator('.failure').waitFor();
    expect(await item(WHOLE).innerText()).toMatch(/The worker that reads weights was ended/);
    await comesSlowly('Try again', 250_000);
  });

  test('one goes on while its tab is hidden', async () => {
    const kept = () => page.evaluate(async () => (await navigator.storage.estimate()).usage!);
    const before = await kept();
    await hidden(() => expect.poll(kept, { timeout: 20_000 }).toBeGreaterThan(before + 3e5));
    await status(WHOLE, 'complete').waitFor();
    expect(await status(SHARDED, 'complete').count()).toBe(1);
  });
});

describe('what streaming costs', () => {
  test('is told in words as the choice changes', async () => {
    const meaning = page.locator('.meaning');
    await expect
      .poll(() => meaning.innerText(), { timeout: 10_000 })
      .toMatch(/weights that a step reads, .* stay and .* pass through/);
    await button('Stream everything').click();
    await expect.poll(() => meaning.innerText()).toMatch(/^All 8\.\d+.GiB of weights .* pass through every time/);
    await button('Stream what does not fit').click();
    await page.getByLabel('GPU memory for the transformer', { exact: true }).fill('0.1');
    await page.keyboard.press('Tab');
    const refusal = page.locator('.measure .failure');
    await expect.poll(() => refusal.innerText()).toMatch(/Allow more memory.*at least \d+ MiB .* \d+ MiB are left/s);
    expect(await button('Measure').isDisabled()).toBe(true);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('is measured with the model that was added, and says what was hidden and exposed', async () => {
    await button('Stream everything').click();
    await page.locator('select[name=weights]').selectOption({ label: SHARDED });
    await page.locator('select[name=steps]').selectOption('2');
    await expect.poll(() => page.locator('.meaning').innerText()).toMatch(/come from storage/);
    await button('Measure').click();
    await page.locator('.measure progress').waitFor();
    await page.getByRole('link', { name: 'Benchmark' }).click();
    expect(await button('Start').isDisabled()).toBe(true);
    await page.locator('.slim-bar', { hasText: 'Measuring streaming' }).click();
    await hidden(() => page.waitForTimeout(100));
    await page.locator('.streaming-result').waitFor();
    const text = await page.locator('.streaming-result').innerText();
    expect(text).toMatch(/One guided step takes \d.*(stays hidden|waits for weights)/);
    expect(text).toMatch(/median of 2 steps/);
    expect(text).toMatch(/A software adapter did the work/);
    expect(text).toMatch(/Exposed\s+[\d.]+.m?s/);
    expect(text).toMatch(/Hidden, at least\s+[\d.]+.m?s/);
    expect(text).toMatch(/Brought in a step\s+[\d.]+.MiB/);
    expect(await page.locator('.waiting .segment[aria-label]').count()).toBe(4);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('is saved as a file of its own schema', async () => {
    const path = await desk.saved(() => button('Save JSON').click());
    expect(basename(path)).toMatch(/^wanscope-streaming-\d{4}-\d{2}-\d{2}-256x256x5\.json$/);
    const result = JSON.parse(await readFile(path, 'utf8'));
    expect(result).toMatchObject({ schema: 'wanscope-streaming', version: 1, residency: 'stream', memoryBytes: null });
    expect(result.step.samples).toHaveLength(2);
    expect(result.remarks.map(({ code }: Remark) => code)).toEqual(['software-adapter', 'hidden-tab']);
    for (const seconds of [result.brought.hiddenSeconds, result.brought.exposedSeconds])
      expect(seconds).toBeGreaterThanOrEqual(0);
    expect(result.brought.bytes).toBeGreaterThan(1e6);
    expect(result.brought.bytes).toBeLessThanOrEqual(result.streamedBytes); // the rest is read once a prompt
  });

  test('stops when told to', async () => {
    await page.locator('select[name=weights]').selectOption('q8_0');
    await expect.poll(() => page.locator('.meaning').innerText()).toMatch(/GiB of weights/);
    await button('Measure again').click();
    await page.locator('.measure progress').waitFor();
    await button('Stop').click();
    await page.locator('.streaming > .trouble', { hasText: 'Stopped' }).waitFor();
    expect(await page.locator('.streaming > .failure').count()).toBe(0);
  });
});

describe('files on the disk', () => {
  const open = (file: string | { name: string; mimeType: string; buffer: Buffer }) =>
    page.locator('input[name=files]').setInputFiles(file);

  test('are read in place, and can be measured', async () => {
    await open(`${CHECKPOINTS}gguf/wan-tiny-dit-Q8_0.gguf`);
    await expect.poll(() => item('wan-tiny-dit-Q8_0').innerText()).toMatch(/on your disk, read in place/);
    expect(await item('wan-tiny-dit-Q8_0').innerText()).toMatch(/GGUF with the original names · Stored as Q8_0/);
    expect(await page.locator('select[name=weights] optgroup').innerText()).toMatch(/wan-tiny-dit-Q8_0\.gguf/);
    await button(/^Close .*wan-tiny-dit/).click();
    // The page draws once a frame.
    await expect.poll(() => item('wan-tiny-dit-Q8_0').count()).toBe(0);
  });

  test('are opened where they are dropped', async () => {
    const file = await readFile(`${CHECKPOINTS}gguf/umt5-tiny-encoder-Q8_0.gguf`, 'base64');
    const data = await page.evaluateHandle((base64) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], 'dropped.gguf'));
      return transfer;
    }, file);
    await page.dispatchEvent('body', 'dragover', { dataTransfer: data });
    await page.locator('.drop-now').waitFor();
    await page.dispatchEvent('body', 'drop', { dataTransfer: data });
    await expect.poll(() => item('dropped.gguf').innerText()).toMatch(/Text encoder · reads the prompt/);
    await button(/^Close .*dropped/).click();
  });

  test('of types that no kernel decodes are refused in words', async () => {
    const tensors = ['blocks.0.self_attn.q.weight', 'blocks.0.self_attn.k.weight'].map((name) => {
      return { name, dimensions: [128, 128], type: 20, bytes: (128 * 128 * 18) / 32 };
    });
    const { header, dataBytes } = ggufHeader([], tensors);
    const buffer = Buffer.concat([header, Buffer.alloc(dataBytes)]);
    await open({ name: 'wan-IQ4_NL.gguf', mimeType: 'application/octet-stream', buffer });
    await expect.poll(() => item('wan-IQ4_NL').innerText()).toMatch(/no kernel decodes IQ4_NL/);
    expect(await item('wan-IQ4_NL').innerText()).toMatch(/Not complete: \d+ tensors are missing/);
    await button(/^Close .*IQ4_NL/).click();
  });

  test('that are a LoRA are told to be one, with their ranks, and whether they fit', async () => {
    for (const [width, verdict] of [
      [3072, /It fits the transformer of Wan2\.2 TI2V-5B/],
      [5120, /5120 numbers there and from 3072/],
    ] as const) {
      const file = loraFile('kohya', [layerValues('blocks.3.cross_attn.o.weight', [width, width], 4, 1)]);
      const buffer = Buffer.from(await file.read(0, file.bytes));
      await open({ name: `style-${width}.safetensors`, mimeType: 'application/octet-stream', buffer });
      await expect.poll(() => item(`style-${width}`).innerText()).toMatch(verdict);
      const text = await item(`style-${width}`).innerText();
      expect(text).toMatch(/LoRA for the transformer · 1 layer, rank 4 · \d+.KiB\s+kohya’s names · Stored as F32/);
      expect(await accessibilityProblems(page)).toEqual([]);
      await button(new RegExp(`^Close .*style-${width}`)).click();
    }
  });

  test('that are something else are told to be that', async () => {
    await open(new URL('../../public/golden/tiny-t5.safetensors', import.meta.url).pathname);
    await expect.poll(() => item('tiny-t5').innerText()).toMatch(/none of the networks/);
    await open({ name: 'page.safetensors', mimeType: 'text/html', buffer: Buffer.from('<!doctype html>'.repeat(9)) });
    await expect
      .poll(() => item('page.safetensors').innerText())
      .toMatch(/cannot be read as weights.*page\.safetensors/s);
    await open({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
    await expect.poll(outcome).toMatch(/1 files were given, and 0 of them/);
    expect(await accessibilityProblems(page)).toEqual([]);
    for (const name of ['tiny-t5', 'page.safetensors']) await button(new RegExp(`^Close .*${name}`)).click();
  });
});

describe('what goes wrong is explained', () => {
  test('a file that is not there, a repository that is not, and what is no address', async () => {
    expect(await lookInto(`${hub.url}/elsewhere/file.gguf?x=1`)).toMatch(
      /not open to everyone|no weights at that address/,
    );
    expect(await lookInto('wanscope/tiny/nowhere')).toMatch(/There are no weights at that address.*none at nowhere/s);
    expect(await lookInto('wanscope/unknown')).toMatch(/There is no repository of this name.*status 401/s);
    expect(await lookInto('what is this')).toMatch(/Give a repository as owner\/name.*not an address/s);
    problems.splice(0); // the console's lines of the statuses above
  });

  test('a server that asks for a pause is waited for, and the seconds are shown', async () => {
    hub.setFaults([{ at: 'api', status: 429, times: 1, headers: { 'retry-after': '2' } }]);
    await look(`wanscope/tiny/${WHOLE}`);
    await expect.poll(() => page.locator('.while-looking').innerText()).toMatch(/asks for a pause: going on in \d s/);
    expect(await page.locator('.outcome [role=status]').innerText()).toMatch(/^Looking at .* …$/); // read out once
    await page.locator('.found').waitFor();
    expect(await outcome()).toMatch(/among your models already/);
  });

  test('a look that waits can be given up, and asks nothing more', async () => {
    hub.setFaults([{ at: 'api', status: 429, times: 1, headers: { 'retry-after': '2' } }]);
    await look(`wanscope/tiny/${WHOLE}`);
    await page.locator('.while-looking', { hasText: 'asks for a pause' }).waitFor();
    await page.locator('.while-looking button').click();
    await expect.poll(outcome).toBe('');
    await expect.poll(() => page.locator('.add .look').evaluate((look) => look === document.activeElement)).toBe(true);
    const counts = hub.counts();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(hub.counts()).toEqual(counts);
  });

  test('of the text encoder the embeddings are left out, and that is said', async () => {
    const text = await lookInto('Kijai/WanVideo_comfy/umt5-xxl-enc-bf16.safetensors');
    expect(text).toMatch(/Text encoder · reads the prompt · 5\.68 billion parameters in 10\.\d.GiB/);
    expect(text).toMatch(/Its embedding table \(1\.96.GiB\) is left out/);
    expect(text).toMatch(/Download 8\.6\d.GiB/);
  });

  test('a model of which the wrong bytes arrived can be had again', async () => {
    hub.setFaults([{ wrongBytes: [200_000, 200_010] }]);
    await lookInto('wanscope/tiny/gguf/umt5-tiny-encoder-Q8_0.gguf');
    await button('Download').click();
    const model = item('umt5-tiny-encoder');
    await model.locator('.failure').waitFor();
    expect(await model.innerText()).toMatch(/not the one the server says it has/);
    expect(await accessibilityProblems(page)).toEqual([]);
    hub.setFaults([{ at: 'resolve', status: 429, times: 1, headers: { 'retry-after': '2' } }]);
    await model.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => model.locator('.line').innerText()).toMatch(/asks for a pause: going on in \d s/);
    await status('umt5-tiny-encoder', 'complete').waitFor();
  });
});

test('what is larger than the free space is said to be, before and after', async () => {
  const large = await lookInto('Wan-AI/Wan2.2-TI2V-5B-Diffusers/transformer');
  expect(large).toMatch(/5 billion parameters in 18\.6.GiB/);
  expect(large).toMatch(/The browser reports [\d.]+.GiB free, and 18\.6.GiB are needed/);

  // What is free is a fixed number in Chromium: that it is full shows when something is written.
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 8e6 });
  await lookInto(`wanscope/tiny/${LARGE}`);
  await button('Download').click();
  await item(LARGE).locator('.failure').waitFor();
  expect(await item(LARGE).innerText()).toMatch(
    /storage is full.*Still needed: [\d.]+.MiB\. The browser reports .* free/s,
  );
  expect(await accessibilityProblems(page)).toEqual([]);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  await item(LARGE).getByRole('button', { name: 'Try again' }).click();
  await status(LARGE, 'complete').waitFor();
});

test('Delete asks once, and frees the space', async () => {
  for (const name of [SHARDED, WHOLE, LARGE, 'gguf/umt5-tiny-encoder-Q8_0.gguf']) {
    await button(`Delete ${name} …`).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Keep it');
    await button('Keep it').click();
    expect(await item(name).count()).toBe(1);
    await button(`Delete ${name} …`).click();
    await button('Delete').click();
    await expect.poll(() => item(name).count()).toBe(0);
  }
  expect(await page.locator('.models').innerText()).toMatch(/No model yet/);
  expect(problems.filter((line) => !/status of (4|5)\d\d/.test(line))).toEqual([]);
});

describe('in another form', () => {
  test('without WebGPU models can be added, and streaming says why not', async () => {
    const { page, problems } = await openPage(browser, {
      view: 'weights',
      gpuObject: false,
      language: 'zh',
      viewport: PHONE,
    });
    expect(await page.locator('.streaming').innerText()).toMatch(/测量需要 WebGPU/);
    await page.locator('input[name=files]').setInputFiles(`${CHECKPOINTS}gguf/wan-tiny-dit-Q8_0.gguf`);
    await expect.poll(() => page.locator('.model').innerText()).toMatch(/变换器/);
    await page.locator('summary').first().click();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
  });

  test('a folder is sorted into its models where the browser has no picker for one', async () => {
    const { page } = await openPage(browser, { view: 'weights', gpuObject: false });
    await page.addInitScript('delete globalThis.showDirectoryPicker');
    await page.reload();
    await page.locator('input[name=folder]').setInputFiles(`${CHECKPOINTS}diffusers`);
    const models = page.locator('.model');
    await expect
      .poll(async () => (await models.allInnerTexts()).sort())
      .toEqual([
        expect.stringMatching(/^diffusers\/text_encoder\/model\.safetensors.*Text encoder.*Complete/s),
        expect.stringMatching(/^diffusers\/transformer\/diffusion_pytorch_model\.safetensors.*Transformer.*Complete/s),
      ]);
    await page.close();
  });

  test.for(['en', 'zh'] as const)(
    'no sideways scroll on a phone, and axe finds nothing in the dark: %s',
    async (language) => {
      const { page } = await openPage(browser, { view: 'weights', language, viewport: PHONE, scheme: 'dark' });
      await page.locator('.meaning').waitFor({ timeout: 30_000 });
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.close();
    },
  );
});
