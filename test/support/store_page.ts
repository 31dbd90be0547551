/**
 * Opens the page of the store's tests in a Chromium that keeps its storage in a
 * folder and can be killed like one that crashes: playwright's own browser cannot.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { findAdapters } from '../../scripts/setup_adapters.mjs';

export interface KillableBrowser {
  readonly context: BrowserContext;
  openPage(url: string): Promise<Page>;
  /** All its processes, at once and without a warning. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export async function launchKillable(userData: string): Promise<KillableBrowser> {
  const program = findAdapters().chromium;
  if (!program) throw new Error('No Chromium or Chrome found; `npm run adapters` says what to install.');
  const args = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${userData}`];
  const quiet = ['--no-first-run', '--no-default-browser-check', '--disable-breakpad', '--disable-gpu'];
  // Containers run as root, and give little shared memory.
  const contained = process.platform === 'linux' ? ['--no-sandbox', '--disable-dev-shm-usage'] : [];
  // A process group of its own, so that one signal reaches all of it.
  const child = spawn(program, [...args, ...quiet, ...contained, 'about:blank'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const browser = await chromium.connectOverCDP(await debuggingAddress(child));
  const context = browser.contexts()[0]!;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async () => {
    process.kill(-child.pid!, 'SIGKILL');
    await exited;
  };
  return {
    context,
    async openPage(url) {
      const page = await context.newPage();
      page.on('pageerror', (error) => console.error(`page: ${error}`));
      await page.goto(url);
      await page.waitForFunction('globalThis.store');
      return page;
    },
    kill,
    close: () => endGently(browser, exited, kill),
  };
}

function debuggingAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    createInterface(child.stderr!).on('line', (line) => {
      said.push(line);
      const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
      if (address) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}: ${said.slice(-5).join('\n')}`)));
  });
}

async function endGently(browser: Browser, exited: Promise<void>, kill: () => Promise<void>): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  session.send('Browser.close').catch(() => {});
  const patience = setTimeout(kill, 5000);
  await exited;
  clearTimeout(patience);
}
