/** Opens pages for the browser suite: the Chromium that is installed, with WebGPU on SwiftShader. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright';
import { findAdapters } from '../../scripts/setup_adapters.mjs';

/**
 * Parts of Chromium that no test needs. The popups below its address bar are pages of their own, loaded anew for every
 * window: a third of the processor's time that it takes to open one (docs/performance.md). The others would ask the
 * internet by themselves. Of two such switches Chromium takes the later one, so Playwright's own list is not in force.
 */
const WITHOUT = [
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'],
  ...['MediaRouter', 'NetworkTimeServiceQuerying', 'OptimizationHints', 'PreconnectToSearch'],
];
const SMALLER = [`--disable-features=${WITHOUT}`];

// Without a GPU, Chromium offers WebGPU only when asked for SwiftShader by name.
const WITH_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** `webgpu: false` gives the browser of someone whose machine has none: `requestAdapter()` finds nothing. */
export function openBrowser({ webgpu = true } = {}): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: [...SMALLER, ...(webgpu ? WITH_WEBGPU : [])] });
}

/** What Playwright has Chromium do without, so that hidden tabs are as fast as others. */
const UNTHROTTLED = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export interface Desk {
  readonly browser: Browser;
  /** Only its pages can be hidden: in any other, Playwright has each page believe that it is in front. */
  readonly context: BrowserContext;
  /** The path of the JSON that the press saves. */
  saved(press: () => Promise<void>): Promise<string>;
  close(): Promise<void>;
}

/** The browser of someone who has several tabs: those behind another are hidden, and slowed down. */
export async function openDesk(): Promise<Desk> {
  const port = await freePort();
  const launched = await chromium.launch({
    executablePath: findChromium(),
    args: [...SMALLER, ...WITH_WEBGPU, `--remote-debugging-port=${port}`],
    ignoreDefaultArgs: UNTHROTTLED,
  });
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  const context = browser.contexts()[0]!;
  // As in test/browser/open_page.ts.
  await context.addInitScript('delete Navigator.prototype.serviceWorker');
  const downloadPath = mkdtempSync(join(tmpdir(), 'wanscope-desk-'));
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath });
  return {
    browser,
    context,
    async saved(press) {
      const before = readdirSync(downloadPath);
      await press();
      for (;;) {
        const name = readdirSync(downloadPath).find((each) => !before.includes(each) && each.endsWith('.json'));
        if (name) return join(downloadPath, name);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async close() {
      await launched.close();
      rmSync(downloadPath, { recursive: true });
    },
  };
}

function findChromium(): string {
  const path = findAdapters().chromium;
  if (!path) throw new Error('No Chromium or Chrome found; `npm run adapters` says what to install.');
  return path;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
