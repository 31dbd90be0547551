/**
 * Faults that only a browser has, in the built page on SwiftShader: a worker that is ended without a word, storage that
 * is taken away, a reload, and two tabs, of which one is hidden. One page for all, in order; of the videos only their
 * ends matter here, so they are small.
 */
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Stage } from '../../src/core/events';
import { type Desk, openDesk } from '../support/browser';
import { evict, openPage } from './open_page';
import { forgetStages, recordStages, stagesTold, untilTold } from './watch';

const RUN_MS = 120_000;

let desk: Desk;
let page: Page;
beforeAll(async () => {
  desk = await openDesk();
  const { browser, context } = desk;
  await recordStages(context);
  ({ page } = await openPage(browser, { view: 'generate', context }));
  page.setDefaultTimeout(30_000);
  await takeExample({ width: 32, height: 32, frames: 5, steps: 40 });
});
afterAll(() => desk.close());

async function takeExample(settings: Record<string, number>): Promise<void> {
  await page.locator('.examples button').first().click();
  for (const summary of ['Another size', 'More']) await page.locator('summary', { hasText: summary }).click();
  for (const [name, value] of Object.entries(settings)) await page.locator(`input[name=${name}]`).fill(String(value));
  await makeButton().and(page.locator(':enabled')).waitFor();
}
const makeButton = () => page.locator('.make-row button');
const line = () => page.locator('.stage .progress .line').innerText();
const failure = () => page.locator('.stage .failure');
const card = () => page.locator('.unfinished');
const stageNow = async (): Promise<Stage | undefined> => (await stagesTold(page)).at(-1)?.stage;
const engines = (page: Page) => page.workers().filter((worker) => /\/engine-/.test(worker.url()));

/** As a browser that needs memory does: no event, no message. */
const endEngine = (page: Page) =>
  engines(page)
    .at(-1)!
    .evaluate(() => self.close());

async function endIn(stage: Stage): Promise<void> {
  await endEngine(page);
  await failure().waitFor({ timeout: 5000 });
  expect(await failure().innerText()).toMatch(/The GPU was taken away.*worker that has the GPU was ended/s);
  expect(await stageNow()).toBe(stage);
}

async function goOn(): Promise<void> {
  await forgetStages(page);
  await card().getByRole('button', { name: 'Go on' }).click();
}

test('a worker that is ended in any stage is told, and the video goes on after its last step', {
  timeout: RUN_MS,
}, async () => {
  await makeButton().click();
  await untilTold(page, 'stage-begin', 'encode');
  await endIn('encode');
  expect(await card().count()).toBe(0); // nothing was finished
  await failure().getByRole('button', { name: 'Try again' }).click();
  // A step is told before it is kept: by now one or two are.
  await expect.poll(line, { timeout: RUN_MS, interval: 20 }).toMatch(/^Denoise · ([3-9]|[12]\d) of 40/);
  await endIn('denoise');
  expect(await card().innerText()).toMatch(/stopped after step \d+ of 40/);
  await goOn();
  await untilTold(page, 'stage-begin', 'decode');
  await endIn('decode');
  expect(await card().innerText()).toMatch(/stopped after step 40 of 40/);
  await expect.poll(() => engines(page).length, { timeout: 20_000 }).toBe(1);
});

test('steps and embeddings that the browser took away are told to be gone, and made anew', {
  timeout: RUN_MS,
}, async () => {
  await evict(page);
  await goOn();
  await failure().waitFor();
  expect(await failure().innerText()).toMatch(/This unfinished video is not in this browser any more/);
  expect(await card().count()).toBe(0);
  await failure().getByRole('button', { name: 'Try again' }).click();
  await untilTold(page, 'stage-begin', 'encode');
});

test('a reload while the prompt is read leaves nothing behind', { timeout: RUN_MS }, async () => {
  expect(await stageNow()).toBe('encode');
  await page.reload();
  await takeExample({ width: 64, height: 64, frames: 17, steps: 24 });
  expect(await card().count()).toBe(0);
});

test('a second tab is told in every stage that the first has a run, which goes on behind it, hidden', {
  timeout: 2 * RUN_MS,
}, async () => {
  const second = await page.context().newPage();
  await second.goto(`${inject('appUrl')}#benchmark`);
  await second.bringToFront();
  const start = second.locator('.start-row .primary');
  await expect.poll(() => start.isEnabled(), { timeout: 30_000 }).toBe(true);
  const trouble = second.locator('.trouble');
  const isTold = async () => {
    await trouble.waitFor({ timeout: 20_000 });
    expect(await trouble.innerText()).toMatch(/Another tab of this page uses the GPU.*still had it after 1\.5 s/s);
  };
  const tryAgain = () => second.getByRole('button', { name: 'Try again' }).click();

  await makeButton().evaluate((make: HTMLButtonElement) => make.click()); // a click by the mouse waits for frames
  await untilTold(page, 'stage-begin', 'encode');
  await start.click();
  expect(await stageNow()).toBe('encode');
  await isTold();
  for (const stage of ['denoise', 'decode'] as const) {
    await untilTold(page, 'stage-begin', stage);
    await tryAgain();
    expect(await stageNow()).toBe(stage);
    await trouble.waitFor({ state: 'detached', timeout: 20_000 });
    await isTold();
  }
  const pausedMs = await page.evaluate(async () => {
    const began = performance.now();
    for (let i = 0; i < 2; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    return performance.now() - began;
  });
  expect(pausedMs, 'timers of a hidden tab').toBeGreaterThan(500);
  await untilTold(page, 'stage-end', 'decode');
  const told = await stagesTold(page);
  for (const stage of ['encode', 'denoise', 'decode']) {
    const seen = told.filter((event) => event.stage === stage).map(({ visibility }) => visibility);
    expect(seen.length, stage).toBeGreaterThan(2);
    expect(new Set(seen), stage).toEqual(new Set(['hidden']));
  }

  await tryAgain();
  await second.locator('.progress .line').waitFor();
  await expect.poll(() => second.locator('.progress .line').innerText(), { timeout: 20_000 }).not.toMatch(/^Starting/);
  await endEngine(second);
  await second.getByRole('heading', { name: 'The run did not finish' }).waitFor({ timeout: 5000 });
  expect(await trouble.innerText()).toMatch(/worker that has the GPU was ended/);
  await second.close();
  await page.bringToFront();
  await page.locator('.clip-result').waitFor();
});
