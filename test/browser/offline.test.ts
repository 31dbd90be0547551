/**
 * The built app as a static host below `/a/b/` serves it: one visit with the network, one without. The whole run without
 * a network is in test/full/offline.test.ts.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../support/browser';
import { type StaticHost, startStaticHost } from '../support/static_host';
import { misdeedsSeen, watchVisit } from './visit';

const BELOW = '/a/b/';
const LATER = { timeout: 20_000 };

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

async function visit(host: StaticHost): Promise<{ context: BrowserContext; page: Page; problems: string[] }> {
  const context = await browser.newContext({ locale: 'en-US' });
  await watchVisit(context, [host.url]);
  const problems: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  const page = await context.newPage();
  await page.goto(host.url);
  return { context, page, problems };
}

/** Once a worker is at work, which it is when everything is kept. */
const cacheNames = (page: Page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    return caches.keys();
  });

const built = (name: string) => readFileSync(`dist/app/${name}`, 'utf8');
const integrity = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** Asks the host for a new version. True once all of it is kept, false when it could not be. */
const isUpdated = (page: Page) =>
  page.evaluate(async () => {
    const registration = await (await navigator.serviceWorker.ready).update();
    const worker = registration.installing!;
    await new Promise((ended) => worker.addEventListener('statechange', ended, { once: true }));
    return worker.state === 'installed';
  });

const startButton = (page: Page) => page.getByRole('button', { name: 'Start' }).and(page.locator(':enabled'));

test('after one visit the page opens without a network, compares, and Quick runs', async () => {
  const host = await startStaticHost(BELOW);
  const { context, page, problems } = await visit(host);
  expect(await cacheNames(page)).toEqual([expect.stringMatching(new RegExp(`^wanscope ${host.url} [0-9a-f]{16}$`))]);
  expect(host.asked.filter((file) => /^(demo|golden)\/|safetensors/.test(file))).toEqual([]);
  await host.close();

  // The first visit itself goes on, with code and a worker that it had not loaded.
  await page.goto(`${host.url}#weights`);
  await page.getByText('No model yet.').waitFor();
  await page.goto(`${host.url}#benchmark`);
  await page.reload();
  await startButton(page).waitFor({ timeout: 60_000 });
  expect(await page.evaluate(() => crossOriginIsolated), 'what is kept has its headers').toBe(true);
  await page.goto(`${host.url}#compare`);
  await page.getByRole('heading', { name: 'All rows' }).waitFor();
  expect(await page.locator('.all-rows tbody tr', { hasText: /^\s*(L40S|RTX PRO 6000)/ }).count()).toBe(2);
  await page.goto(`${host.url}#benchmark`);
  await startButton(page).click();
  const line = () => page.locator('.progress .line').innerText();
  await expect.poll(line, { timeout: 20_000 }).toMatch(/^(Tune|Roofs|Sample)/);
  expect(problems).toEqual([]);
  await context.close();
});

test('a host without headers serves it too, and what is kept goes with headers that it gets later', async () => {
  const host = await startStaticHost(BELOW, { sendsHeaders: false });
  const { context, page, problems } = await visit(host);
  await startButton(page).waitFor({ timeout: 60_000 });
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  await cacheNames(page);
  expect(host.referrers).not.toContain(host.url);
  host.sendsHeaders = true;
  await page.reload();
  await startButton(page).waitFor({ timeout: 60_000 });
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(problems).toEqual([]);
  await page.workers()[0]!.evaluate(() => fetch('data:,here').catch(() => {}));
  await expect.poll(misdeedsSeen).toEqual(['a worker broke connect-src with data']);
  await Promise.all([host.close(), context.close()]);
});

test('a new version is kept once the host has all of it, and comes with the next visit', async () => {
  const host = await startStaticHost(BELOW);
  const { context, page: firstPage, problems } = await visit(host);
  let page = firstPage;
  const [first] = await cacheNames(page);
  host.state = 'failing';
  await page.reload();
  await page.locator('h1').waitFor();
  host.state = 'up';
  await page.evaluate(() => caches.open('theirs')); // another program's, of the same host

  const laterPage = built('index.html').replace('<title>', '<meta name="later" /><title>');
  const laterWorker = built('offline.js')
    .replace(/VERSION="\w+"/, 'VERSION="later"')
    .replace(integrity(built('index.html')), integrity(laterPage))
    .replace('{', `{"assets/later.js":"${integrity('later')}",`);
  host.replaced.set('offline.js', laterWorker);
  expect(await isUpdated(page), 'with the page of the first version').toBe(false);
  expect(await cacheNames(page)).toEqual([first, 'theirs']);
  host.replaced.set('index.html', laterPage).set('assets/later.js', 'later');
  expect(await isUpdated(page)).toBe(true);
  const isLater = () => page.evaluate(() => document.querySelector('meta[name=later]') !== null);
  await page.reload();
  expect(await isLater()).toBe(true);
  const second = `wanscope ${host.url} later`;
  // The first one's files stay while a page may ask for them.
  expect(await cacheNames(page)).toEqual([first, 'theirs', second]);
  host.replaced.delete('assets/later.js'); // as the version after it does
  expect(await page.evaluate(async () => (await fetch('assets/later.js')).text())).toBe('later');
  const nextVisit = async () => {
    await page.close(); // a page that goes elsewhere leaves its engine behind for a while, which rules out the new version
    page = await context.newPage();
    await page.goto(host.url);
    return cacheNames(page);
  };
  await expect.poll(nextVisit, LATER).toEqual(['theirs', second]);
  host.state = 'silent';
  await page.reload();
  await page.locator('h1').waitFor();
  expect(await isLater()).toBe(true);
  expect(problems).toEqual([]);
  await Promise.all([host.close(), context.close()]);
});

test('markup from strings and foreign workers are refused, and the watch over visits sees it', async () => {
  const [host, other] = await Promise.all([startStaticHost(BELOW), startStaticHost('/')]);
  const { context, page } = await visit(host);
  const refused = await page.evaluate(async (foreign) => {
    await fetch(foreign, { mode: 'no-cors' });
    new Image().src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
    const attempts = [
      () => document.body.insertAdjacentHTML('beforeend', '<b></b>'),
      () => new Worker(`${foreign}worker.js`),
      () => new Worker('/worker.js'), // of this origin, but of someone else there
    ];
    return attempts.map((attempt) => {
      try {
        attempt();
      } catch (refusal) {
        return String(refusal);
      }
      return 'let pass';
    });
  }, other.url);
  await startButton(page).waitFor({ timeout: 60_000 });
  await page.workers()[0]!.evaluate(() => fetch('data:,here').catch(() => {}));
  for (const each of refused) expect(each).toMatch(/TypeError: .*Trusted/);
  const seen = new Set<string>();
  const kinds = () => {
    for (const what of misdeedsSeen()) seen.add(what.replace(/ (with|at) .*/, ''));
    return [...seen].sort();
  };
  await expect
    .poll(kinds)
    .toEqual(['a worker broke connect-src', `asked ${other.url}`, 'broke img-src', 'broke require-trusted-types-for']);
  await Promise.all([host.close(), other.close(), context.close()]);
});
