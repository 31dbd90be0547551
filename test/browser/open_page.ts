/** Pages for the browser tests: the built app under the policy it is served with, each visit watched (visit.ts). */
import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright';
import { expect, inject } from 'vitest';
import { watchVisit } from './visit';

const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** What is there when a view is. */
const SHOWN = {
  benchmark: '.chart > svg',
  generate: '.generate, .trouble',
  weights: '.models',
  compare: '.chart > svg',
} as const;

export interface PageOptions {
  readonly view?: keyof typeof SHOWN;
  readonly viewport?: { width: number; height: number };
  readonly language?: 'en' | 'zh';
  readonly scheme?: 'light' | 'dark';
  /** False: a browser that has never heard of WebGPU. */
  readonly gpuObject?: boolean;
  /** One that is there already, as it is; else a new one is made. */
  readonly context?: BrowserContext;
  /** Origins that the page may ask beside its own. */
  readonly servers?: readonly string[];
}

export interface OpenedPage {
  readonly page: Page;
  /** Console errors, uncaught errors and content policy violations so far. */
  readonly problems: string[];
}

export async function openPage(browser: Browser, options: PageOptions = {}): Promise<OpenedPage> {
  const {
    view = 'benchmark',
    viewport = DESKTOP,
    language = 'en',
    scheme = 'light',
    gpuObject = true,
    servers = [],
  } = options;
  const context =
    options.context ??
    (await browser.newContext({
      viewport,
      colorScheme: scheme,
      locale: language === 'zh' ? 'zh-CN' : 'en-US',
      // It would fetch the whole app once more for every page (offline.test.ts has it).
      serviceWorkers: 'block',
    }));
  const url = inject('appUrl');
  await watchVisit(context, [url, ...servers]);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  if (!gpuObject) await page.addInitScript('delete Navigator.prototype.gpu');
  if (servers.length > 0) {
    // A page that Playwright answers for counts as one of the internet, whose ways to this machine a person has to allow.
    await context.grantPermissions(['local-network-access']);
    await page.route(url, async (route) => route.fulfill({ response: await route.fetch() }));
  }
  await page.goto(`${url}#${view}`);
  await page.locator(SHOWN[view]).first().waitFor();
  return { page, problems };
}

/** In a page that is open already. What is in several views, such as what says that there is no GPU, is none's sign: the heading is. */
export async function showView(page: Page, view: keyof typeof SHOWN): Promise<void> {
  const headings = () => page.locator('h1').allInnerTexts();
  const isOther = await page.evaluate((view) => location.hash !== `#${view}`, view);
  const [before] = await headings();
  await page.evaluate((view) => {
    location.hash = view;
  }, view);
  if (isOther) await expect.poll(headings).toEqual([expect.not.stringMatching(`^${before}$`)]);
  await page.locator(SHOWN[view]).first().waitFor();
}

/** Takes away what is kept in IndexedDB, as a browser does that lacks room. */
export async function evict(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
}

const axe = await readFile(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** One line a violation, with the first elements it was found at. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target }) => target.join(' '))}`);
  });
}

export const sidewaysScroll = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
