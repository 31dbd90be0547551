/** The fifth example in Chromium, on SwiftShader, by the built page: to PyTorch's frames. The browser suite has the first. */
import { expect, test } from 'vitest';
import { openPage } from '../browser/open_page';
import { shownFrames } from '../browser/video_frames';
import { openBrowser } from '../support/browser';
import { demoGolden, furthestOf } from '../support/demo_model';

test('the frames are those that PyTorch makes', async () => {
  const browser = await openBrowser();
  try {
    const { page, problems } = await openPage(browser, { view: 'generate' });
    const { prompt, seed, frames } = demoGolden(4);
    await page.getByRole('button', { name: prompt, exact: true }).click();
    await page.locator('summary', { hasText: 'More' }).click();
    await page.getByLabel('Seed', { exact: true }).fill(String(seed));
    await page.getByRole('button', { name: 'Generate', exact: true }).click();
    await page.locator('.clip-result').waitFor({ timeout: 600_000 });
    await page.getByRole('button', { name: 'Pause' }).click();
    const shown = await shownFrames(page);
    const far = furthestOf(shown, frames);
    console.log(`"${prompt}", seed ${seed}: ${far.toExponential(2)} from PyTorch's frames at most`);
    expect(far).toBeLessThan(1e-2);
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
  }
});
