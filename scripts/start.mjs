/**
 * `npm start`: installs what is missing, builds the app if it is old, serves
 * it and opens the browser.
 *
 *   npm start -- [--port 4173] [--host 0.0.0.0] [--no-open]
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { buildIfOlder } from './build.mjs';
import { ensurePackages, ROOT } from './install.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string' }, host: { type: 'string' }, 'no-open': { type: 'boolean', default: false } },
});

ensurePackages();
buildIfOlder('app');
process.chdir(ROOT);
const { preview } = await import('vite');
// A taken port is no failure: the next free one is printed.
const server = await preview({
  logLevel: 'warn',
  preview: { port: Number(values.port ?? 4173), ...(values.host && { host: values.host }) },
});
const [url] = [...(server.resolvedUrls?.local ?? []), ...(server.resolvedUrls?.network ?? [])];
console.log(`WanScope is at ${url}  (Ctrl-C ends it)`);
if (values.host) for (const other of server.resolvedUrls.network) console.log(`        also at ${other}`);
if (!values['no-open']) openBrowser(url);

function openBrowser(url) {
  // Without a display xdg-open would start a text browser in this terminal.
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  const [program, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // no opener here; the URL stands above
  child.unref();
}
