import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readSaved } from '../../src/compare/read_saved';
import { linkOf, readLink } from '../../src/compare/share_link';
import type { BenchmarkResult } from '../../src/core/result';
import { exampleResult } from '../compare/example_result';
import { openBrowser } from '../support/browser';
import { accessibilityProblems, openPage, PHONE, sidewaysScroll } from './open_page';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser({ webgpu: false });
});
afterAll(() => browser.close());

async function openFile(page: Page, name: string, text: string): Promise<void> {
  await page
    .locator('.add-runs input[type=file]')
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
}

const saved = JSON.stringify(exampleResult());

test('an opened result leads with its sentence and is set beside every published run', async () => {
  const { page, problems } = await openPage(browser, { view: 'compare', gpuObject: false });
  await openFile(page, 'mine.json', saved);
  await page.locator('.chart .bar.own').waitFor();
  expect(await page.locator('.headline').innerText()).toMatch(/^For a clip of 10 steps, the L40S is 59× faster;/);
  expect(await page.locator('.headline + .note').innerText()).toContain('projected from 640×352×17 to 1280×704×161');
  expect(await page.getByText('This run was not made in this browser').count()).toBe(1);
  const pinned = page.locator('.all-rows > table .pinned');
  expect(await pinned.innerText()).toMatch(/Example GPU.*sampled.*640×352, 17 frames/s);
  expect(await page.getByText(/activations: .+ f32, the other bf16/).count()).toBe(1);
  expect(problems).toEqual([]);
});

test('a wrong file is refused with the reason, in both languages, and the page stays as it was', async () => {
  const { page } = await openPage(browser, { view: 'compare', gpuObject: false });
  await openFile(page, 'notes.json', '{"schema":"something-else"}');
  await page.getByText('notes.json was not opened.').waitFor();
  expect(await page.getByRole('alert').innerText()).toContain('“something-else”');
  await page.getByRole('button', { name: '切换到中文' }).click();
  await page.getByText('没有打开 notes.json。').waitFor();
  expect(await page.locator('.chart .bar').count()).toBe(2);
  await openFile(page, 'broken.json', saved.replace('"seconds":1264', '"seconds":"soon"'));
  await page.getByText('projection.stages.step.seconds').waitFor();
});

test('a file dropped anywhere on the view is opened', async () => {
  const { page } = await openPage(browser, { view: 'compare', gpuObject: false });
  const transfer = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'dropped.json', { type: 'application/json' }));
    return data;
  }, saved);
  await page.dispatchEvent('footer', 'dragover', { dataTransfer: transfer });
  await page.getByText('Drop to open').waitFor();
  await page.dispatchEvent('footer', 'drop', { dataTransfer: transfer });
  await page.getByText('dropped.json: one run was added.').waitFor();
  expect(await page.getByText('Drop to open').count()).toBe(0);
});

test('an opened result can be removed again', async () => {
  const { page } = await openPage(browser, { view: 'compare', gpuObject: false });
  await openFile(page, 'mine.json', saved);
  await page.getByRole('button', { name: 'Remove mine.json' }).click();
  await page.getByText('Run the benchmark, or open a saved result').waitFor();
  expect(await page.locator('.chart .bar.own').count()).toBe(0);
});

test('an opened result fits a phone', async () => {
  const { page } = await openPage(browser, { view: 'compare', gpuObject: false, viewport: PHONE, language: 'zh' });
  await openFile(page, 'a-rather-long-name-of-a-saved-result-from-some-machine.json', saved);
  await page.locator('.chart .bar.own').waitFor();
  for (const details of await page.locator('main summary').all()) await details.click();
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: /^把 .* 保留在本浏览器/ }).click();
  await own(page).waitFor();
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
});

const own = (page: Page) => page.locator('.own-runs li');
const linkTo = async (result: BenchmarkResult) => new URL(await linkOf(result, inject('appUrl'))).hash;

test('a link opens in a fresh profile with the same numbers, as someone else’s; kept, it survives a reload', async () => {
  const { page, problems } = await openPage(browser, { view: 'compare', gpuObject: false });
  const html = '<img src=x onerror=document.title="run">';
  const hash = await linkTo(exampleResult({ name: html }));
  await page.evaluate((to) => (location.hash = to), hash);
  await page.locator('.chart .bar.own').waitFor();
  expect(await page.locator('.headline').innerText()).toMatch(/the L40S is 59× faster/);
  const opened = page.locator('.opened li', { hasText: 'From someone’s link' });
  expect(await opened.innerText()).toContain(`Example GPU · ${html}`);
  expect(await opened.innerText()).toContain('not made in this browser');

  await page.reload();
  await opened.waitFor();
  expect(await own(page).count()).toBe(0);
  await page.getByRole('button', { name: /^Keep/ }).click();
  await page.getByText('not stored').waitFor({ state: 'detached' });
  await page.evaluate(() => (location.hash = '#compare'));
  await page.reload();
  await own(page).waitFor();
  expect(await own(page).innerText()).toContain('not made in this browser');
  expect(await page.locator('.chart .bar.own').count()).toBe(1);
  expect(await page.locator('main img').count()).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(problems).toEqual([]);
});

test('a tampered link and one that is too long show why, in both languages', async () => {
  const { page, problems } = await openPage(browser, { view: 'compare', gpuObject: false, language: 'zh' });
  const hash = await linkTo(exampleResult());
  await page.evaluate((to) => (location.hash = to), `${hash.slice(0, 200)}AAAA${hash.slice(204)}`);
  await page.getByText('没有打开这个链接。').waitFor();
  await page.evaluate((to) => (location.hash = to), `#compare?r=2.${'A'.repeat(9000)}`);
  await page.getByText('它有 9,013 个字符').waitFor();
  await page.getByRole('button', { name: 'Switch to English' }).click();
  expect(await page.getByRole('alert').innerText()).toMatch(/The link was not opened\.\s+It has 9,013 characters/);
  expect(await page.locator('.chart .bar.own').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('own runs, those that older pages kept among them, are named, linked, saved, deleted and had back', async () => {
  const { page, problems } = await openPage(browser, { view: 'compare', gpuObject: false });
  await keepAsBefore(page, await readFile(new URL('../compare/version-1/h100.json', import.meta.url), 'utf8'));
  await page.reload();
  await own(page).waitFor();
  expect(await own(page).innerText()).toContain('Quick · NVIDIA: 580.159.04');
  const name = page.getByRole('textbox', { name: /^Name of: Quick/ });
  await name.fill('H100, lent');
  await name.press('Enter');

  const second = await page.context().newPage();
  await second.goto(page.url());
  await second.getByRole('button', { name: 'Delete H100, lent' }).click();
  await page.bringToFront(); // hidden tabs draw once a second
  await own(page).waitFor({ state: 'detached' });
  await second.bringToFront();
  await second.getByRole('button', { name: 'Undo' }).click();
  await page.bringToFront();
  await own(page).waitFor();
  await second.close();
  expect(await name.inputValue()).toBe('H100, lent');

  await openFile(page, 'mine.json', saved);
  await page.getByRole('button', { name: 'Keep mine.json in this browser' }).click();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Link to Quick' }).click();
  await page.getByText(/^Copied: a link of \d+ characters with the whole result/).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link.split('#')[0]).toBe(page.url().split('#')[0]);
  expect(await readLink(new URL(link).hash)).toEqual({ ok: true, result: exampleResult() });

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save all 2 as one file' }).click();
  const text = await readFile(await (await download).path(), 'utf8');
  expect(readSaved(text)).toMatchObject({ ok: true, runs: [{ name: 'H100, lent' }, { id: 'example' }] });
  expect(problems).toEqual([]);
});

test('on a full disk a run stays on the page, which says so, and is stored when there is room', async () => {
  const { page, problems } = await openPage(browser, { view: 'compare', gpuObject: false });
  await openFile(page, 'mine.json', saved);
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  await page.getByRole('button', { name: 'Keep mine.json in this browser' }).click();
  const full = page.getByText('This browser’s storage is full.');
  await full.waitFor();
  expect(await own(page).innerText()).toContain('not stored');
  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  const name = page.getByRole('textbox', { name: /^Name of: Quick/ });
  await name.fill('There is room');
  await name.press('Enter');
  await full.waitFor({ state: 'detached' });
  await page.reload();
  await own(page).waitFor();
  expect(await name.inputValue()).toBe('There is room');
  expect(problems).toEqual([]);
});

/** As the page did until version 2 of its results. */
function keepAsBefore(page: Page, text: string): Promise<void> {
  return page.evaluate(
    (text) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('keyval-store');
        opening.onupgradeneeded = () => opening.result.createObjectStore('keyval');
        opening.onerror = reject;
        opening.onsuccess = () => {
          const change = opening.result.transaction('keyval', 'readwrite');
          change.objectStore('keyval').put(text, 'last-result');
          change.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
    text,
  );
}
