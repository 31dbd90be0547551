/** Compare as its reader goes through it: one page, all its ways in, by keyboard, in both languages and schemes, on a phone. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleResult } from '../compare/example_result';
import { openBrowser } from '../support/browser';
import { accessibilityProblems, openPage, PHONE, sidewaysScroll } from './open_page';

const DEVICE = { name: 'Some card', memoryBytes: null, software: false };
const saved = JSON.stringify(exampleResult());
const seed = await readFile('test/compare/seed-runs/l40s_01_Speed_Preview_480p.json', 'utf8');

/** Another origin, whose files pages may read or not. */
const server = createServer((request, response) => {
  if (request.url !== '/closed.json') response.setHeader('access-control-allow-origin', '*');
  response.end(request.url === '/broken.json' ? '{"schema":"other"}' : seed);
});
let browser: Browser;
let page: Page;
let problems: string[];
let origin = '';

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await openBrowser({ webgpu: false });
  ({ page, problems } = await openPage(browser, { view: 'compare', gpuObject: false, servers: [origin] }));
  page.setDefaultTimeout(10_000);
});
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

const alert = () => page.locator('.news [role=alert]');
const status = () => page.locator('.news [role=status]');
const focusedName = () =>
  page.evaluate(() => {
    const at = document.activeElement as HTMLElement | null;
    return (at?.getAttribute('aria-label') ?? at?.textContent ?? '').trim();
  });

/** Wherever the page is scrolled to. */
const inSight = (selector: string) =>
  page.locator(selector).evaluate((each) => {
    const { top, bottom } = each.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });

function paste(text: string, into = 'body') {
  return page.locator(into).evaluate((target, text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

async function fetchFrom(address: string): Promise<void> {
  await page.locator('[name=run-address]').fill(address);
  await page.locator('[name=run-address]').press('Enter');
}

describe('ways in', () => {
  test('pasted text is opened, and what is pasted into a field is the field’s', async () => {
    await paste(saved, '[name=run-address]');
    expect(await page.locator('.chart .bar.own').count()).toBe(0);
    await paste(saved);
    await page.locator('.chart .bar.own').waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    expect(await inSight('.news [role=status]')).toBe(true);
    expect(await status().innerText()).toBe('clipboard: one run was added.');
  });

  test('an address is fetched; one that is refused, closed to pages, or none says why and takes nothing away', async () => {
    await fetchFrom(`${origin}/run.json`);
    await page.locator('.opened li', { hasText: `${origin}/run.json` }).waitFor();
    await fetchFrom(`${origin}/broken.json`);
    await page.getByText(`${origin}/broken.json was not opened.`).waitFor();
    await expect.poll(() => inSight('.news .refused')).toBe(true);
    expect(await alert().first().innerText()).toContain('“other”');
    await fetchFrom(`${origin}/closed.json`);
    await page.getByText('The server does not let this page read the file (CORS)').waitFor();
    await fetchFrom('example.org');
    await page.getByText('is no address').waitFor();
    expect(await page.locator('.opened li').count()).toBe(2);
    expect(await page.locator('.chart .bar.own').count()).toBe(1);
    problems.splice(0); // a browser writes to its console by itself what it was not let read
  });
});

describe('by keyboard', () => {
  test('the run, the measure, the rows and the order are chosen', async () => {
    const own = page.locator('[name=own-run]');
    await own.focus();
    await own.selectOption({
      label: (await own.locator('optgroup[label=Published] option').first().innerText()).trim(),
    });
    await page.getByText('this run', { exact: false }).first().waitFor();
    await own.selectOption('example');
    await page.keyboard.press('Tab');
    expect(await focusedName()).toBe('a step');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'How far apart: a step' }).waitFor();
    for (let tab = 0; tab < 3; tab++) await page.keyboard.press('Tab');
    expect(await focusedName()).toBe('cost');
    await page.keyboard.press('Space');
    const prices = page.locator('.prices input');
    await prices.first().fill('3');
    await prices.nth(1).fill('1.5');
    await page.locator('.ratios .mark').first().waitFor();
    expect(await page.locator('.ratios .mark').first().getAttribute('aria-label')).toMatch(/cheaper/);
    await page.getByRole('button', { name: 'a clip', exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'How far apart: a clip' }).waitFor();
    const head = page.getByRole('columnheader', { name: 'Decode' });
    await head.getByRole('button').press('Enter');
    await expect.poll(() => head.getAttribute('aria-sort')).toBe('ascending');
    await head.getByRole('button').press('Enter');
    await expect.poll(() => head.getAttribute('aria-sort')).toBe('descending');
  });

  test('the report is written, with the focus at its head, in the language that is switched to, and saved', async () => {
    await page.getByRole('button', { name: 'Write the report' }).press('Enter');
    await expect.poll(focusedName).toMatch(/^Wan2\.2 TI2V-5B: Example GPU/);
    for (const [format, begins] of [
      ['Markdown', '# Wan2.2 TI2V-5B: Example GPU'],
      ['HTML', '<!doctype html>'],
      ['JSON', '{'],
      ['CSV', 'run'],
    ]) {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: `Save as ${format}` }).press('Enter');
      const text = await readFile(await (await download).path(), 'utf8');
      expect(
        text
          .toLowerCase()
          .replace(/^\ufeff/, '')
          .slice(0, 40),
        format,
      ).toContain(begins!.toLowerCase());
    }
    await page.getByRole('button', { name: '切换到中文' }).press('Enter');
    await page.getByRole('heading', { name: '1. 核心结论' }).waitFor();
    expect(await page.getByRole('columnheader', { name: '解码', exact: true }).first().getAttribute('aria-sort')).toBe(
      'descending',
    );
    expect(await page.locator('.prices').count()).toBe(0);
    expect(await page.locator('.opened li').count()).toBe(2);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.written h3').first().isVisible()).toBe(true);
    expect(await page.locator('.ratios').isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
  });
});

describe('in every state', () => {
  test('full, refused and with its report open, axe finds nothing, and nothing scrolls sideways on a phone', async () => {
    await paste('{"schema":"something-else"}');
    await page.getByText('没有打开 剪贴板。').waitFor();
    await page.locator('main details').evaluateAll((all) => {
      for (const details of all as HTMLDetailsElement[]) details.open = true;
    });
    await page.locator('[name=rows-card]').selectOption('L40S'); // axe takes its time over every row of a long report
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityProblems(page), colorScheme).toEqual([]);
      for (const viewport of [PHONE, { width: 320, height: 640 }]) {
        await page.setViewportSize(viewport);
        await expect.poll(() => sidewaysScroll(page)).toBeLessThanOrEqual(0);
      }
      await page.setViewportSize({ width: 1440, height: 900 });
      const other = page.getByRole('button', { name: 'Switch to English' });
      if (colorScheme === 'light') await other.click(); // Chinese in the light, English in the dark
    }
    expect(problems).toEqual([]);
  });
});

test('of more runs than a report can be on it says so, and writes it when fewer are chosen', async () => {
  const { runs } = JSON.parse(await readFile('public/reference/runs.json', 'utf8'));
  const many = Array.from({ length: 220 }, (_, i) => ({ ...runs[0], id: `run ${i}`, device: DEVICE }));
  await page.locator('[name=rows-card]').selectOption({ index: 0 });
  await paste(JSON.stringify({ schema: 'wanscope-report', version: 1, runs: many }));
  await page.getByText(/and a report is on 150 at most/).waitFor();
  await page.getByText(/^200 of 2\d\d rows are shown:/).waitFor();
  expect(await page.locator('.report [role=alert]').innerText()).toMatch(/^2\d\d runs are chosen/);
  expect(await page.locator('.written').count()).toBe(0);
  await page.locator('[name=rows-card]').selectOption('L40S');
  await page.locator('.written h3').first().waitFor();
  expect(problems).toEqual([]);
});
