/** Serves a page of the tests' own, a folder of test/browser, built as the app is. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

const PAGES = fileURLToPath(new URL('../browser', import.meta.url));
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'credentialless' };

export interface ServedPage {
  readonly url: string;
  /** A folder of this run's own, for the browser's storage and the test's files. */
  readonly folder: string;
  close(): Promise<void>;
}

export async function servePage(name: 'store_page' | 'pipeline_page'): Promise<ServedPage> {
  const folder = await mkdtemp(join(tmpdir(), `wanscope-${name}-`));
  const outDir = join(folder, 'page');
  const common = { root: join(PAGES, name), base: './', configFile: false, logLevel: 'warn' } as const;
  await build({ ...common, worker: { format: 'es' }, build: { outDir, emptyOutDir: true, target: 'es2023' } });
  const server = await preview({ ...common, build: { outDir }, preview: { host: '127.0.0.1', port: 4373, headers } });
  return {
    url: server.resolvedUrls!.local[0]!,
    folder,
    async close() {
      await server.close();
      await rm(folder, { recursive: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
