/**
 * What turns the built page into a published one: its content policy, headers for the hosts that can set them, and the
 * list of files that workers/offline.ts keeps for visits without a network. docs/hosting.md says which host takes what.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'vite';

/** An isolated page has clocks of 5 µs instead of 100 µs. `credentialless` still lets weights come from other hosts. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'credentialless',
};

function policy(scripts: string): string[] {
  return [
    "default-src 'none'",
    `script-src ${scripts}`,
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    'media-src blob:',
    // Hubs, mirrors and live servers are wherever their owner has them, a machine in the same room included. The page
    // asks those that were named to it: the browser suite watches every request.
    'connect-src http: https: ws: wss:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    // lit's templates, and the addresses of workers (src/app/trusted_scripts.ts).
    'trusted-types lit-html default',
  ];
}

/** In the page itself, which needs no host's help. It rules the page alone: workers go by the headers they come with. */
export const PAGE_POLICY = policy("'self'").join('; ');

/** The workers compile hash-wasm's SHA-256, which the browser's own cannot replace: that one takes no file in parts. */
const HEADER_POLICY = [...policy("'self' 'wasm-unsafe-eval'"), "frame-ancestors 'none'"].join('; ');

export const RESPONSE_HEADERS = {
  ...ISOLATION,
  'Content-Security-Policy': HEADER_POLICY,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Of the scripts that workers/offline.ts keeps, whatever the host sends. The page may be isolated in either way, and Safari
 * knows only `require-corp`. It is as good for these workers: they read other hosts by CORS alone.
 */
const SCRIPT_HEADERS = { ...RESPONSE_HEADERS, 'Cross-Origin-Embedder-Policy': 'require-corp' };

const headerLines = (headers: Record<string, string>) =>
  Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);

/** In the form that Netlify and Cloudflare Pages read. */
const HEADERS_FILE = [
  ...['/*', ...headerLines(RESPONSE_HEADERS)],
  ...['/assets/*', ...headerLines({ 'Cache-Control': 'public, max-age=31536000, immutable' }), ''],
].join('\n');

const PAGE = 'index.html';
const OFFLINE = 'offline.js';

/** Weights stay where they are: the browser's own cache has them for a while, and who brings models has a store. */
const NOT_KEPT = [/^(demo|golden)\//, new RegExp(`^${OFFLINE}$`), /^_headers$/];

/** Adds all this to what `vite build` makes of the page; `vite` alone serves it without. */
export function publishedApp(): Plugin {
  return {
    name: 'published-app',
    apply: 'build',
    config: () => ({
      build: {
        rolldownOptions: {
          input: { index: `./${PAGE}`, offline: './workers/offline.ts' },
          // A worker rules the folder it lies in.
          output: { entryFileNames: ({ name }) => (name === 'offline' ? OFFLINE : 'assets/[name]-[hash].js') },
        },
      },
    }),
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: PAGE_POLICY },
        injectTo: 'head-prepend',
      },
    ],
    writeBundle({ dir }) {
      const folder = dir!;
      writeFileSync(join(folder, '_headers'), HEADERS_FILE);
      const files = filesIn(folder).filter((file) => !NOT_KEPT.some((pattern) => pattern.test(file)));
      const hash = (name: string) =>
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('base64');
      // Hosts redirect from index.html to its folder, and no browser opens a page with an answer that was redirected.
      const kept = files.map((file) => [file === PAGE ? './' : file, `sha256-${hash(file)}`]);
      const [list, headers] = [Object.fromEntries(kept), SCRIPT_HEADERS].map((each) => JSON.stringify(each));
      const version = createHash('sha256').update(`${list}${headers}`).digest('hex').slice(0, 16);
      const known = `const FILES=${list},SCRIPT_HEADERS=${headers},VERSION="${version}";\n`;
      const worker = join(folder, OFFLINE);
      writeFileSync(worker, known + readFileSync(worker, 'utf8'));
    },
  };
}

/**
 * Shaders travel without their lines of comment, 10 kB of the landing view. A page's tuning tables are its own, so that
 * another hash of the kernels than the command line's does no harm.
 */
export function shadersWithoutComments(): Plugin {
  return {
    name: 'shaders-without-comments',
    apply: 'build',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith('.wgsl?raw')) return null;
      const source = readFileSync(id.slice(0, -'?raw'.length), 'utf8');
      // Whole lines alone: what stands behind code may be read (src/kernels/unroll.ts).
      const short = source.replace(/^[ \t]*\/\/.*\n/gm, '');
      return `export default ${JSON.stringify(short)}`;
    },
  };
}

/** Of all folders in it, with slashes, in one order on every machine. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort();
}
