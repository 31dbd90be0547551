/** `npm run peers -- ARGS`: installs what is missing, then runs peers.ts from its source in this process. */
import { fileURLToPath } from 'node:url';
import { ensurePackages, ROOT } from '../../scripts/install.mjs';

ensurePackages();
ensurePackages(fileURLToPath(new URL('.', import.meta.url)));
// Vite knows the shaders' `?raw`. It serves nobody: no page, no watching.
const { createServer } = await import('vite');
const server = await createServer({
  root: ROOT,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, ws: false, watch: { ignored: ['**'] } },
  optimizeDeps: { noDiscovery: true },
});
const { main } = await server.ssrLoadModule('/bench/peers/peers.ts');
// Dawn keeps the process alive as long as it has a device.
process.exit(await main(process.argv.slice(2), ROOT));
