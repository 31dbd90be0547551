/**
 * The built page in Chromium on a real GPU, pressed as a visitor would: what bench/gpu/chromium.sh starts.
 *
 *   node chromium.mjs --home FOLDER --out FOLDER [--flags='--a --b'] PART...
 *
 * PART: adapter · quick · cases (streamed weights beside resident ones) · standard · self-check · generate
 *
 * Results go to OUT/NAME-PART.json and .png; what is read off the page is printed. FOLDER: what bench/gpu/pack_chromium.sh packed.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: {
    home: { type: 'string' },
    out: { type: 'string' },
    name: { type: 'string', default: 'chromium' },
    flags: { type: 'string', default: '' },
  },
  allowPositionals: true,
});
const { home, out, name } = values;
const { chromium } = createRequire(join(home, 'node_modules/'))('playwright-core');
const RUN_MS = 400_000;

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** With the headers that the build asks its host for. */
async function serve() {
  const app = join(home, 'app');
  const [forAll] = (await readFile(join(app, '_headers'), 'utf8')).split('\n/assets');
  const headers = Object.fromEntries(
    forAll
      .split('\n')
      .map((line) => /^ +([\w-]+): (.*)$/.exec(line))
      .filter(Boolean)
      .map(([, key, value]) => [key, value]),
  );
  const server = createServer(async ({ url }, response) => {
    const path = normalize(new URL(url, 'http://a').pathname).replace(/\/$/, '/index.html');
    try {
      const body = await readFile(join(app, path));
      response
        .writeHead(200, { ...headers, 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/`;
}

const said = (what, text) => console.log(`${what}: ${text.replace(/\s*\n\s*/g, ' | ')}`);
const url = await serve();
const browser = await chromium.launch({
  executablePath: join(home, 'chromium'),
  args: values.flags.split(' ').filter(Boolean),
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' });
const page = await context.newPage();
page.setDefaultTimeout(60_000);
page.on(
  'console',
  (message) => ['error', 'warning'].includes(message.type()) && said(`console ${message.type()}`, message.text()),
);
page.on('pageerror', (error) => said('page error', String(error)));

const button = (text) => page.getByRole('button', { name: text, exact: true });
const show = (view) => page.goto(`${url}#${view}`);
const picture = (part) => page.screenshot({ path: join(out, `${name}-${part}.png`), fullPage: true });
const seconds = (began) => `${((performance.now() - began) / 1000).toFixed(1)} s`;

/** Whatever comes first: what is waited for, or the page's own words that it did not come. */
async function orTrouble(wanted, trouble) {
  await wanted.or(trouble).first().waitFor({ timeout: RUN_MS });
  if (await trouble.count()) throw new Error(await trouble.first().innerText());
}

/** The same with all weights on the GPU, and with all of them brought there for each step. */
async function afterQuick() {
  await page.locator('.cases > summary').click();
  await button('After Quick').click();
  const told = page.getByText(/cases?: about/);
  await told.waitFor();
  said('cases', await told.innerText());
}

async function benchmark(part, mode, prepare = async () => {}) {
  await show('benchmark');
  await page.reload(); // the view may be there already
  await button('Start').or(button('Start again')).and(page.locator(':enabled')).waitFor();
  said('adapter', await page.locator('.machine').first().innerText());
  await page.locator('.mode-card').first().filter({ hasText: 'of GPU memory' }).waitFor();
  for (const card of await page.locator('.mode-card').allInnerTexts()) said('mode', card);
  await page.locator(`input[name=mode][value=${mode}]`).check();
  await prepare();
  const began = performance.now();
  await button('Start').or(button('Start again')).click();
  await page.locator('progress').waitFor();
  await orTrouble(page.locator('.headline'), page.locator('.trouble'));
  await page.locator('progress').waitFor({ state: 'detached', timeout: RUN_MS });
  said(`${part}, start to result`, seconds(began));
  for (const text of await page.locator('.headline, .second-line, .cases-result tr').allInnerTexts())
    said('result', text);
  const [download] = await Promise.all([page.waitForEvent('download'), button('Save JSON').click()]);
  await download.saveAs(join(out, `${name}-${part}.json`));
}

const PARTS = {
  async adapter() {
    await show('benchmark');
    const found = await page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
      if (!adapter) return null;
      const { vendor, architecture, device, description, subgroupMatrixConfigs } = adapter.info;
      const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = adapter.limits;
      return {
        ...{ vendor, architecture, device, description, features: [...adapter.features].join(' ') },
        ...{ maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize },
        matrices: subgroupMatrixConfigs?.length,
      };
    });
    console.log(found);
    if (found) return;
    await page.goto('chrome://gpu');
    await page.waitForFunction(() =>
      document.querySelector('info-view')?.shadowRoot?.textContent.includes('Version Information'),
    );
    const told = await page.evaluate(() => document.querySelector('info-view').shadowRoot.textContent);
    said('no adapter', told.slice(told.indexOf('Graphics Feature Status')).slice(0, 3000));
  },
  quick: () => benchmark('quick', 'quick'),
  cases: () => benchmark('cases', 'quick', afterQuick),
  standard: () => benchmark('standard', 'standard'),
  async 'self-check'() {
    await show('benchmark');
    await page.reload();
    const began = performance.now();
    await button('Self-check').click();
    await page.locator('.self-check .verdict').filter({ hasText: /./ }).waitFor({ timeout: RUN_MS });
    said(`self-check, ${seconds(began)}`, await page.locator('.self-check .verdict').innerText());
    await page.locator('.self-check summary').click();
    for (const row of await page.locator('.self-check tbody tr').allInnerTexts()) console.log(row.replace(/\s+/g, ' '));
  },
  async generate() {
    await show('generate');
    await page.reload();
    await button('a red circle moving right on a black background').click();
    const estimate = page.locator('.make-row .estimate');
    await estimate.filter({ hasText: 'about' }).waitFor();
    said('estimate', await estimate.innerText());
    for (const which of ['first', 'second']) {
      const began = performance.now();
      await button('Generate').click();
      await page.locator('.stage progress').waitFor();
      await orTrouble(page.locator('.clip-result'), page.locator('.stage .failure'));
      await page.locator('.stage progress').waitFor({ state: 'detached', timeout: RUN_MS });
      said(`${which} video`, seconds(began));
    }
    for (const summary of await page.locator('.clip-result summary').all()) await summary.click();
    said('result', await page.locator('.clip-result').innerText());
    const [download] = await Promise.all([page.waitForEvent('download'), button('Save MP4').click()]);
    await download.saveAs(join(out, `${name}-generate.mp4`));
  },
};

let failed = 0;
for (const part of positionals) {
  console.log(`\n=== ${part} (${new Date().toTimeString().slice(0, 8)})`);
  try {
    if (!PARTS[part]) throw new Error(`There is no part ${part}, only ${Object.keys(PARTS).join(', ')}.`);
    await PARTS[part]();
  } catch (error) {
    failed++;
    said('failed', String(error.stack ?? error));
  }
  await picture(part).catch((error) => said('no picture', String(error)));
}
await browser.close();
process.exit(failed ? 1 : 0);
