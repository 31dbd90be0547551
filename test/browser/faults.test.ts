/**
 * Faults that only a browser has, in the built page on SwiftShader: a worker that is
 * ended without a word, and two tabs, of which one is throttled. One page for all, in
 * order; the videos are small, since only their ends matter here.
 */
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openBrowser } from '../support/browser';
import { openPage } from './open_page';

const RUN_MS = 120_000;

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await openBrowser();
  ({ page } = await openPage(browser, { view: 'generate' }));
  page.setDefaultTimeout(30_000);
  await page.locator('.examples button').first().click();
  for (const summary of ['Another size', 'More']) await page.locator('summary', { hasText: summary }).click();
  await fill({ width: 32, height: 32, frames: 5, steps: 40 });
});
afterAll(() => browser.close());

async function fill(settings: Record<string, number>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) await page.locator(`input[name=${name}]`).fill(String(value));
}
const makeButton = () => page.locator('.make-row button');
const line = () => page.locator('.stage .progress .line').innerText();
const stepsDone = async () => Number(/Denoise · (\d+) of/.exec(await line())?.[1] ?? 0);
const failure = () => page.locator('.stage .failure');
const engines = () => page.workers().filter((worker) => /\/engine-/.test(worker.url()));

/** As a browser that needs memory does: no event, no message. */
const endEngine = () =>
  engines()
    .at(-1)!
    .evaluate(() => self.close());

async function make(): Promise<void> {
  await expect.poll(() => makeButton().isEnabled(), { timeout: 30_000 }).toBe(true);
  await makeButton().click();
  await page.locator('.stage progress').waitFor();
}

async function goOn(): Promise<void> {
  await page.locator('.unfinished').getByRole('button', { name: 'Go on' }).click();
  await page.locator('.stage progress').waitFor();
}

async function isTold(): Promise<void> {
  await failure().waitFor({ timeout: 5000 });
  expect(await failure().innerText()).toMatch(/The GPU was taken away.*worker that has the GPU was ended/s);
}

test('a worker that is ended in any stage is told, and the video goes on after its last step', {
  timeout: RUN_MS,
}, async () => {
  await make();
  await endEngine();
  await isTold();
  expect(await page.locator('.unfinished').count()).toBe(0); // nothing was finished
  await failure().getByRole('button', { name: 'Try again' }).click();
  // A step is told before it is kept: by now one or two are.
  await expect.poll(line, { timeout: RUN_MS, interval: 20 }).toMatch(/^Denoise · ([3-9]|[12]\d) of 40/);
  await endEngine();
  await isTold();
  expect(await page.locator('.unfinished').innerText()).toMatch(/stopped after step \d+ of 40/);
  await goOn();
  await expect.poll(line, { timeout: RUN_MS, interval: 20 }).toMatch(/^Decode/);
  await endEngine();
  await isTold();
  expect(await page.locator('.unfinished').innerText()).toMatch(/stopped after step 40 of 40/);
  await expect.poll(() => engines().length, { timeout: 20_000 }).toBe(1);
});

test('a second tab is told that the first has a run, which goes on behind it, throttled', {
  timeout: RUN_MS,
}, async () => {
  await fill({ width: 64, height: 64, frames: 9, steps: 50 }); // more than is made until the second has been told
  await make();
  const second = await page.context().newPage();
  await second.goto(`${inject('appUrl')}#benchmark`);
  await second.bringToFront();
  const start = second.locator('.start-row .primary');
  await expect.poll(() => start.isEnabled(), { timeout: 30_000 }).toBe(true);
  await start.click();
  const trouble = second.locator('.trouble');
  await trouble.waitFor({ timeout: 10_000 });
  expect(await trouble.innerText()).toMatch(/Another tab of this page uses the GPU.*still had it after 1\.5 s/s);
  // Behind another one a tab has little of the processor.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 20 });
  const before = await stepsDone();
  await expect.poll(stepsDone, { timeout: RUN_MS, interval: 50 }).toBeGreaterThan(before + 1);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await page.bringToFront();
  await makeButton().click();
  await expect.poll(() => makeButton().innerText(), { timeout: 5000 }).toBe('Generate');
  await second.bringToFront();
  await second.getByRole('button', { name: 'Try again' }).click();
  await second.locator('.progress .line').waitFor();
  const worker = second.workers().find((each) => /\/engine-/.test(each.url()))!;
  await expect.poll(() => second.locator('.progress .line').innerText(), { timeout: 20_000 }).not.toMatch(/^Starting/);
  await worker.evaluate(() => self.close());
  await second.getByRole('heading', { name: 'The run did not finish' }).waitFor({ timeout: 5000 });
  expect(await trouble.innerText()).toMatch(/worker that has the GPU was ended/);
  await second.close();
});
