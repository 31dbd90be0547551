import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
}

const saved = JSON.stringify(exampleResult());

test('an opened result leads with its sentence and is set beside every published run', async () => {
  const { page, problems } = await openPage(browser, { view: 'compare', gpuObject: false });
  await openFile(page, 'mine.json', saved);
  await page.locator('.headline').waitFor();
  expect(await page.locator('.headline').innerText()).toMatch(
    /would take 21.min.4.s here; an L40S takes 12\.6.s: 100× faster/,
  );
  expect(await page.locator('.chart .bar.own').count()).toBe(1);
  const step = page.getByRole('row', { name: /^One guided step/ });
  expect(await step.innerText()).toMatch(/sampled/);
  expect(await page.getByText('activations: f32 here, bf16 there').count()).toBe(1);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(problems).toEqual([]);
});

test('a result of another amount of work is scaled, says so, and has no headline', async () => {
  const { page } = await openPage(browser, { view: 'compare', gpuObject: false });
  const example = exampleResult();
  const key = { ...example.projection.key, frames: 121, tokens: 27280 };
  await openFile(page, 'other.json', JSON.stringify({ ...example, projection: { ...example.projection, key } }));
  await page.getByRole('heading', { name: 'Stage by stage' }).waitFor();
  expect(await page.getByText('a step of 121 frames to one of 161 by 1.55').count()).toBe(1);
  expect(await page.locator('.headline').count()).toBe(0);
  expect(await page.getByText('frames: 121 here, 161 there').count()).toBe(1);
  expect(await page.locator('.chart .bar.own').count()).toBe(0);
});

test('a wrong file is refused with the reason, in both languages, and the page stays as it was', async () => {
  const { page } = await openPage(browser, { view: 'compare', gpuObject: false });
  await openFile(page, 'notes.json', '{"schema":"something-else"}');
  await page.getByText('notes.json was not opened.').waitFor();
  expect(await page.getByRole('alert').innerText()).toContain('“something-else”');
  await page.getByRole('button', { name: '切换到中文' }).click();
  await page.getByText('没有打开 notes.json。').waitFor();
  expect(await page.locator('.chart .bar').count()).toBe(7);
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
  await page.getByRole('button', { name: /^dropped\.json/ }).waitFor();
  expect(await page.getByText('Drop to open').count()).toBe(0);
});

test('an opened result can be removed again', async () => {
  const { page } = await openPage(browser, { view: 'compare', gpuObject: false });
  await openFile(page, 'mine.json', saved);
  await page.getByRole('button', { name: 'Remove mine.json' }).click();
  await page.getByText('No result here yet').waitFor();
  expect(await page.locator('.headline').count()).toBe(0);
});

test('an opened result fits a phone', async () => {
  const { page } = await openPage(browser, { view: 'compare', gpuObject: false, viewport: PHONE, language: 'zh' });
  await openFile(page, 'a-rather-long-name-of-a-saved-result-from-some-machine.json', saved);
  await page.locator('.headline').waitFor();
  for (const details of await page.locator('main summary').all()) await details.click();
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
});
