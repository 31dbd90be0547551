/**
 * Builds the app (dist/app), the command line (dist/cli) or the rounds of
 * `npm run soak` (dist/soak), unless what is there is newer than everything it is
 * made of.
 *
 *   node scripts/build.mjs app|cli|soak
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages, ROOT } from './install.mjs';

const SHARED = ['src', 'shaders', 'workers', 'package.json', 'package-lock.json', 'vite.config.ts'];
const TARGETS = {
  app: { entry: 'index.html', args: [], sources: [...SHARED, 'public', 'index.html', 'scripts/published_app.ts'] },
  cli: { entry: 'main.js', args: ['--ssr', 'src/cli/main.ts'], sources: SHARED },
  soak: { entry: 'main.js', args: ['--ssr', 'test/soak/node_rounds.ts'], sources: [...SHARED, 'test/soak'] },
};

/** Returns the path of the built entry file. */
export function buildIfOlder(target) {
  const { entry, args, sources } = TARGETS[target];
  const folder = join(ROOT, 'dist', target);
  const built = join(folder, entry);
  const newest = Math.max(...sources.map((source) => newestChange(join(ROOT, source))));
  if (existsSync(built) && statSync(built).mtimeMs > newest) return built;

  const begin = new Date();
  // Built aside and moved into place, so that a second process never reads half a build.
  const aside = `${folder}.${process.pid}`;
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const { status } = spawnSync(
    process.execPath,
    [vite, 'build', ...args, '--outDir', aside, '--emptyOutDir', '--logLevel', 'warn'],
    // Test runners set it to something else, and libraries then bring their development versions along.
    { cwd: ROOT, stdio: ['ignore', 2, 2], env: { ...process.env, NODE_ENV: 'production' } },
  );
  if (status !== 0) {
    rmSync(aside, { recursive: true, force: true });
    console.error(`The build of ${target} failed; the reason stands above.`);
    process.exit(1);
  }
  // Dated to the beginning: what changed while it was built makes it old.
  utimesSync(join(aside, entry), begin, begin);
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
  return built;
}

/** Folders count too: a deleted file leaves its trace only there. */
function newestChange(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!Object.hasOwn(TARGETS, process.argv[2])) throw new Error('Say what to build: app, cli or soak.');
  ensurePackages();
  buildIfOlder(process.argv[2]);
}
