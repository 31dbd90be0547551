/** A visit without a network, after one with it: Quick from Start to its result, in Chromium on SwiftShader. */
import { expect, test } from 'vitest';
import { watchVisit } from '../browser/visit';
import { openBrowser } from '../support/browser';
import { startStaticHost } from '../support/static_host';

test('Quick leads to a result, which stands in Compare', async () => {
  const browser = await openBrowser();
  try {
    const host = await startStaticHost('/a/b/');
    const context = await browser.newContext({ locale: 'en-US' });
    await watchVisit(context, [host.url]);
    const page = await context.newPage();
    await page.goto(host.url);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    await host.close();

    await page.reload();
    await page.getByRole('button', { name: 'Start' }).and(page.locator(':enabled')).click({ timeout: 60_000 });
    await page.locator('.headline').waitFor({ timeout: 600_000 });
    await page.locator('.result').getByRole('link', { name: 'Compare', exact: true }).click();
    await page.locator('.chart .bar.own').first().waitFor();
    expect(await page.locator('.all-rows tbody tr', { hasText: 'L40S' }).count()).toBeGreaterThan(0);
  } finally {
    await browser.close();
  }
});
