/**
 * Installs the npm packages of a folder when they are missing or not those of its
 * package-lock.json. Uses Node's own modules only: it runs before there are others.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export function ensurePackages(folder = ROOT) {
  if (isInstalled(folder)) return;
  // Not `npm ci`: it deletes first, under the feet of whatever still runs, and it refuses a lock file that lacks some
  // other platform's binary, which depends on the registry it was made with. Versions are the lock file's all the same.
  // NODE_ENV=production, or a user's own settings, would leave out what everything here is built and tested with.
  const all = ['--include=dev', '--include=optional'];
  const args = ['install', ...all, '--no-save', '--no-audit', '--no-fund', '--loglevel=warn'];
  console.error('Installing packages (npm install) …');
  // npm's words go to stderr: stdout may be a program's JSON.
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32', // npm is a .cmd file there
  });
  if (status === 0) return;
  console.error(`npm install failed (${status}); its message stands above.`);
  process.exit(1);
}

function isInstalled(folder) {
  const installed = packages(`${folder}/node_modules/.package-lock.json`);
  const wanted = Object.entries(packages(`${folder}/package-lock.json`));
  // Optional packages are mostly other platforms' binaries.
  return wanted.every(([path, { version, optional }]) => !path || optional || installed[path]?.version === version);
}

function packages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}
