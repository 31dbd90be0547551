/** A tab stays open for days: views that are left and come back, and languages, leave nothing behind. */
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { richResult } from '../app/rich_result';
import { openBrowser } from '../support/browser';
import { openPage } from './open_page';

const ROUNDS = 3;
const VIEWS = ['benchmark', 'generate', 'weights', 'compare'];

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser({ webgpu: false });
});
afterAll(() => browser.close());

test('three rounds of all views in both languages leave no nodes and no listeners', async () => {
  const { page, problems } = await openPage(browser, { view: 'compare', gpuObject: false });
  const buffer = Buffer.from(JSON.stringify(richResult()));
  await page
    .locator('.add-runs input[type=file]')
    .setInputFiles({ name: 'rich.json', mimeType: 'application/json', buffer });
  await page.locator('.chart .bar.own').waitFor();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  const counts = async () => {
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve))); // the last of the drawing
    await devtools.send('HeapProfiler.collectGarbage');
    await devtools.send('HeapProfiler.collectGarbage'); // what the first let go of
    const { metrics } = await devtools.send('Performance.getMetrics');
    const [nodes, listeners] = ['Nodes', 'JSEventListeners'].map(
      (wanted) => metrics.find(({ name }) => name === wanted)!.value,
    );
    return { nodes: nodes!, listeners: listeners! };
  };
  const round = async () => {
    for (const language of ['中文', 'English']) {
      for (const view of VIEWS) {
        await page.locator(`nav a[href="#${view}"]`).click();
        await page.locator(`nav a[href="#${view}"][aria-current]`).waitFor();
      }
      await page.getByRole('button', { name: language }).click();
    }
  };
  await round(); // loads what views load when they are first shown
  const before = await counts();
  expect(before.nodes).toBeGreaterThan(1000);
  for (let i = 0; i < ROUNDS; i++) await round();
  const after = await counts();
  expect(after.nodes).toBeLessThan(before.nodes + 20);
  expect(after.listeners).toBeLessThan(before.listeners + 5);
  expect(problems).toEqual([]);
});
