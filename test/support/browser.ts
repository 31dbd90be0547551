/** Opens pages for the browser suite: the Chromium that is installed, with WebGPU on SwiftShader. */
import { createServer } from 'node:net';
import { type Browser, chromium } from 'playwright';
import { findAdapters } from '../../scripts/setup_adapters.mjs';

// Without a GPU, Chromium offers WebGPU only when asked for SwiftShader by name.
const WITH_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** `webgpu: false` gives the browser of someone whose machine has none: `requestAdapter()` finds nothing. */
export function openBrowser({ webgpu = true } = {}): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: webgpu ? WITH_WEBGPU : [] });
}

/** What Playwright has Chromium do without, so that hidden tabs are as fast as others. */
const UNTHROTTLED = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export interface Desk {
  /** Its pages are those of its one context: in any other, Playwright has each page believe that it is in front. */
  readonly browser: Browser;
  close(): Promise<void>;
}

/** The browser of someone who has several tabs: those behind another are hidden, and slowed down. */
export async function openDesk(): Promise<Desk> {
  const port = await freePort();
  const launched = await chromium.launch({
    executablePath: findChromium(),
    args: [...WITH_WEBGPU, `--remote-debugging-port=${port}`],
    ignoreDefaultArgs: UNTHROTTLED,
  });
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  return { browser, close: () => launched.close() };
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
