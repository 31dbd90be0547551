import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BenchmarkResult } from '../../src/core/result';
import { richResult } from '../app/rich_result';
import { openBrowser } from '../support/browser';
import { accessibilityProblems, openPage, PHONE, showView, sidewaysScroll } from './open_page';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser({ webgpu: false });
});
afterAll(() => browser.close());

describe('in a browser without WebGPU', () => {
  test('the benchmark view says what is missing and which browsers have it', async () => {
    const { page, problems } = await openPage(browser, { gpuObject: false });
    await page.getByRole('heading', { name: 'This browser has no WebGPU' }).waitFor();
    expect(await page.getByText('Safari 26 and later').count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Start' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Go to Compare' }).click();
    await page.getByRole('heading', { level: 1, name: 'Compare' }).waitFor();
    expect(problems).toEqual([]);
  });

  test('published runs are on both views', async () => {
    const { page } = await openPage(browser, { gpuObject: false });
    expect(await page.locator('.chart .bar').count()).toBe(2);
    await page.goto(`${page.url().split('#')[0]}#compare`);
    await page.getByRole('heading', { name: 'All rows' }).waitFor();
    const rows = page.locator('.all-rows tbody tr', { hasText: /^\s*(L40S|RTX PRO 6000)/ });
    expect(await rows.count()).toBe(2); // one a card
    await page.getByLabel('every published run').check();
    await expect.poll(() => rows.count()).toBeGreaterThanOrEqual(12);
    const all = await rows.count();
    await page.getByLabel('contended').check();
    await expect.poll(() => rows.count()).toBe(all + 4);
  });
});

test('a browser that has WebGPU and no adapter is told where to look', async () => {
  const { page, problems } = await openPage(browser);
  await page.getByRole('heading', { name: 'This GPU cannot be used' }).waitFor({ timeout: 30_000 });
  expect(await page.getByText('chrome://gpu').count()).toBe(1);
  expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(1);
  expect(problems).toEqual([]);
});

describe('the language', () => {
  test('follows the browser', async () => {
    const { page } = await openPage(browser, { language: 'zh', view: 'compare' });
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('对比');
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-Hans');
  });

  test('switches at once, everywhere, and is remembered', async () => {
    const { page } = await openPage(browser, { view: 'compare' });
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.getByRole('heading', { level: 1, name: '对比' }).waitFor();
    expect(await page.title()).toContain('对比');
    // Names, units and numbers aside, nothing English is left.
    const text = await page.locator('main').innerText();
    expect(text.match(/\b(steps|published|seconds|Peak|Offload|derived)\b/g)).toBeNull();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: '对比' }).waitFor();
  });
});

test('the first click on the colours always changes something, and is remembered', async () => {
  const { page } = await openPage(browser, { scheme: 'dark', view: 'compare' });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const before = await ground();
  await page.getByRole('button', { name: /^Colours/ }).click();
  expect(await ground()).not.toBe(before);
  await page.reload();
  await page.locator('.chart > svg').waitFor();
  expect(await ground()).not.toBe(before);
});

test('the stage chart is one tab stop, arrow keys move between its parts, and other steps make derived figures', async () => {
  const { page } = await openPage(browser, { view: 'compare' });
  await page.locator('.chart .segment[tabindex="0"]').focus();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  expect(await focused()).toMatch(/^L40S, Text: 44\.8.s, 21 %, published$/);
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toMatch(/^L40S, Denoise: .*published$/); // 10 steps ran, and 10 are shown
  await page.keyboard.press('ArrowLeft');
  expect(await focused()).toMatch(/Text/);
  expect(await page.locator('.chart .segment[tabindex="0"]').count()).toBe(1);
  const derived = () => page.locator('.stage-denoise.kind-derived').count();
  expect(await derived()).toBe(0);
  await page.getByRole('group', { name: 'Steps' }).getByRole('button', { name: '50' }).click();
  await expect.poll(derived).toBe(2);
});

test('the landing view travels in less than 250 kB, its engine with it', () => {
  const folder = new URL('../../dist/app/', import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
  const all = readdirSync(new URL('assets/', folder)).filter((name) => /\.(js|css)$/.test(name));
  const kilobytes = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + gzipSync(read(`assets/${name}`)).length, 0) / 1000;
  // What the page names, the engine that it starts, and what these import at once; the rest comes when it is asked for.
  const first = new Set([
    ...[...read('index.html').matchAll(/assets\/([^"]+\.(?:js|css))"/g)].map(([, name]) => name!),
    ...all.filter((name) => /^engine-/.test(name)),
  ]);
  for (const name of first)
    for (const [, other] of read(`assets/${name}`).matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g)) first.add(other!);
  const late = all.filter((name) => !first.has(name));
  console.log(`${kilobytes([...first]).toFixed(0)} kB gzipped, and ${kilobytes(late).toFixed(0)} kB later`);
  for (const part of [/^index-.*js/, /^index-.*css/, /^engine-/])
    expect([...first].filter((name) => part.test(name))).toHaveLength(1);
  for (const part of [/^loader-/, /^encode-/, /^engine_clips-/, /^generate-/, /^weights-/, /^compare-/])
    expect(late.filter((name) => part.test(name))).toHaveLength(1);
  expect(kilobytes([...first])).toBeLessThan(250);
  expect(kilobytes(late)).toBeLessThan(250);
});

describe('accessibility and form', () => {
  const VIEWS = ['benchmark', 'generate', 'weights', 'compare'] as const;

  test.for(['en', 'zh'] as const)('axe finds nothing in the light and in the dark: %s', async (language) => {
    const { page } = await openPage(browser, { language, gpuObject: false });
    for (const view of VIEWS) {
      await showView(page, view);
      for (const details of await page.locator('main summary').all()) await details.click();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await accessibilityProblems(page), `${view}, ${colorScheme}`).toEqual([]);
      }
    }
  });

  test.for([PHONE, { width: 320, height: 640 }])('no sideways scroll at $width pixels', async (viewport) => {
    const { page } = await openPage(browser, { viewport, gpuObject: false });
    for (const view of VIEWS) {
      await showView(page, view);
      for (const details of await page.locator('main summary').all()) await details.click();
      expect(await sidewaysScroll(page), view).toBeLessThanOrEqual(0);
    }
  });

  test.for([
    { viewport: PHONE, scheme: 'dark', language: 'zh' },
    { viewport: { width: 1280, height: 800 }, scheme: 'light', language: 'en' },
  ] as const)('a kept result with all its charts: $language, $viewport.width pixels', async (options) => {
    const { page, problems } = await openPage(browser, { ...options, gpuObject: false });
    await keep(page, richResult());
    await page.reload();
    await page.locator('.kernels').waitFor();
    const isPhone = options.viewport === PHONE;
    expect(await page.locator('.folding .chart > svg:visible').count()).toBe(isPhone ? 0 : 6);
    for (const unfold of await page.locator('.unfold:visible').all()) await unfold.click();
    for (const details of await page.locator('main summary:visible').all()) await details.click();
    expect(await page.locator('.folding .chart > svg:visible').count()).toBe(6);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
  });

  test('"Skip to content" is the first stop and moves the focus there', async () => {
    const { page } = await openPage(browser, { view: 'compare' });
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    expect(page.url()).toMatch(/#compare$/);
  });
});

/** As the page keeps its own. */
function keep(page: Page, run: BenchmarkResult): Promise<void> {
  return page.evaluate(
    (run) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('wanscope-runs');
        opening.onerror = reject;
        opening.onsuccess = () => {
          const change = opening.result.transaction('kept', 'readwrite');
          change.objectStore('kept').put(JSON.stringify({ madeHere: true, run }), run.id);
          change.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
    run,
  );
}
