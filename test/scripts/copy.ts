/** The scripts in a folder of their own, as a fresh clone has them: without packages, and with an npm that only tells what it was asked. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Clone {
  readonly root: string;
  write(path: string, text: string): void;
  run(command: string, args: readonly string[], environment?: NodeJS.ProcessEnv): { code: number; output: string };
}

/** `name`: of the folder. Gone when the test is. */
export function cloneOfScripts(name = 'clone'): Clone {
  const above = mkdtempSync(join(tmpdir(), 'wanscope-scripts-'));
  onTestFinished(() => rmSync(above, { recursive: true, force: true }));
  const root = join(above, name);
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  cpSync('scripts', join(root, 'scripts'), { recursive: true });
  write('package-lock.json', '{ "packages": {} }');
  write('bin/npm', '#!/bin/sh\necho "npm $*"\nexit 1\n');
  chmodSync(join(root, 'bin/npm'), 0o755);
  return {
    root,
    write,
    run(command, args, environment) {
      const PATH = [join(root, 'bin'), process.env.PATH].join(delimiter);
      const env = { ...process.env, PATH, ...environment };
      const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' });
      return { code: status ?? -1, output: stdout + stderr };
    },
  };
}
