/**
 * `npm run -s cli -- ARGS`: the command line from its sources. Builds it when
 * it is older than they are, then runs it in this process, so that exit code,
 * signals and start-up time are its own.
 *
 * WANSCOPE_ADAPTER=llvmpipe|swiftshader chooses a software adapter (Linux);
 * otherwise Vulkan, Metal or D3D12 finds what there is.
 */
import { pathToFileURL } from 'node:url';
import { buildIfOlder } from './build.mjs';
import { ensurePackages } from './install.mjs';
import { findAdapters } from './setup_adapters.mjs';

const wanted = process.env.WANSCOPE_ADAPTER;
if (wanted) {
  const { llvmpipeIcd, swiftshaderIcd } = findAdapters();
  const icds = { llvmpipe: llvmpipeIcd, swiftshader: swiftshaderIcd };
  if (!icds[wanted]) {
    const reason =
      wanted in icds ? 'it is not installed (see: npm run adapters)' : 'known are llvmpipe and swiftshader';
    console.error(`WANSCOPE_ADAPTER=${wanted}: ${reason}.`);
    process.exit(2);
  }
  process.env.VK_DRIVER_FILES = icds[wanted];
}

ensurePackages();
const entry = buildIfOlder('cli');
// npm runs scripts in the project's folder; paths among the arguments mean the folder the user is in.
if (process.env.npm_lifecycle_event === 'cli') process.chdir(process.env.INIT_CWD);
process.argv[1] = entry;
await import(pathToFileURL(entry).href);
