/** Rounds of `npm run soak --chromium`: the built page makes a video of the demo model and runs Quick, as a visitor would. */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { buildIfOlder } from './build.mjs';
import { findAdapters } from './setup_adapters.mjs';

const RUN_MS = 900_000;
/** A video takes a tenth of Quick's time on SwiftShader. */
const VIDEOS_A_QUICK = 5;
/**
 * Not judged: Chromium itself keeps some 0.16 MB a video in its process of the page (docs/reliability.md), outside of what
 * JavaScript, the document and its workers hold, which is heapBytes.
 */
const TOLD = ['rendererBytes'];

export async function openRounds(v8Flags) {
  buildIfOlder('app');
  const server = await preview({ logLevel: 'warn', preview: { host: '127.0.0.1', port: 4473 } });
  const args = [
    ...['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
    // Memory is measured with the collector run for it, when asked, not at some time of the next 20 s.
    '--enable-blink-features=ForceEagerMeasureMemory',
    `--js-flags=${v8Flags.join(' ')}`,
  ];
  const browser = await chromium.launch({ executablePath: findAdapters().chromium, args });
  const page = await browser.newPage();
  const session = await page.context().newCDPSession(page);
  const ofBrowser = await browser.newBrowserCDPSession();
  const url = server.resolvedUrls.local[0];
  await page.goto(`${url}#generate`);
  const button = (name) => page.getByRole('button', { name, exact: true });
  await page.locator('.examples button').first().click();
  await page.locator('summary', { hasText: 'Another size' }).click();
  await page.locator('summary', { hasText: 'More' }).click();
  for (const [name, value] of Object.entries({ width: 64, height: 64, frames: 9, steps: 6 }))
    await page.locator(`input[name=${name}]`).fill(String(value));

  async function makeVideo() {
    const make = page.locator('.make-row button');
    await page.waitForFunction(() => document.querySelector('.make-row button')?.disabled === false);
    await make.click();
    await button('Stop').waitFor();
    await page.waitForFunction(
      () => document.querySelector('.make-row button')?.textContent?.trim() === 'Generate',
      null,
      { timeout: RUN_MS },
    );
    await page.locator('.saves').waitFor();
  }

  async function runQuick() {
    await page.getByRole('link', { name: 'Benchmark', exact: true }).click();
    const start = page.locator('.start-row .primary');
    await start.click();
    await page.locator('progress').first().waitFor();
    await page.waitForFunction(
      () => document.querySelector('.start-row .primary')?.textContent?.trim() === 'Start again',
      null,
      { timeout: RUN_MS },
    );
    await page.locator('.headline').waitFor();
    await deleteResult();
    await page.getByRole('link', { name: 'Generate', exact: true }).click();
  }

  /** Results are kept for who ran them; what is to stay flat is the rest. */
  async function deleteResult() {
    await page.locator('nav a[href="#compare"]').click();
    const remove = page.locator('.own-runs .actions button', { hasText: 'Delete' });
    await remove.first().click();
    await page.waitForFunction(() => document.querySelector('.own-runs li') === null);
  }

  async function round(index) {
    await makeVideo();
    if (index % VIDEOS_A_QUICK === 0) await runQuick();
    await session.send('HeapProfiler.collectGarbage'); // of the page; what its workers let go of is not counted either
    const { bytes } = await page.evaluate(() => performance.measureUserAgentSpecificMemory());
    const { nodes, jsEventListeners: listeners } = await session.send('Memory.getDOMCounters');
    const { processInfo } = await ofBrowser.send('SystemInfo.getProcessInfo');
    const resident = (type) =>
      processInfo.filter((each) => each.type === type).reduce((sum, { id }) => sum + residentBytes(id), 0);
    return {
      heapBytes: bytes,
      rendererBytes: resident('renderer'),
      gpuProcessBytes: resident('GPU'),
      workers: page.workers().length,
      nodes,
      listeners,
    };
  }

  return {
    adapter: `Chromium ${browser.version()}, SwiftShader`,
    round,
    told: TOLD,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** 0 where the system has no /proc. */
function residentBytes(id) {
  try {
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]);
  } catch {
    return 0;
  }
}
