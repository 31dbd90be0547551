/** The command line as users get it: built, and run as a process of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { beforeAll } from 'vitest';

/** Call at the top of a test file; the returned function runs `wanscope ARGS` in the project's folder. */
export function commandLine() {
  beforeAll(() => {
    execFileSync(process.execPath, ['scripts/build.mjs', 'cli'], { stdio: ['ignore', 'inherit', 'inherit'] });
  });
  return (...args: string[]) => spawnSync(process.execPath, ['dist/cli/main.js', ...args], { encoding: 'utf8' });
}
