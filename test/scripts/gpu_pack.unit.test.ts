/** bench/gpu: what is packed for a machine with a GPU, again and again, is what runs there. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Clone, cloneOfScripts } from './copy';

/** Node that tells its own name and its program. */
function install(clone: Clone, node: string, program: string): void {
  clone.write('bin/node', `#!/bin/sh\necho "${node} runs $(cat "$1")"\n`);
  chmodSync(join(clone.root, 'bin/node'), 0o755);
  clone.write('dist/cli/main.js', program);
}

// A machine with Node alone has no xz, and packs nothing.
const canPack = process.platform === 'linux' && spawnSync('xz', ['--version']).status === 0;

test.runIf(canPack)('a second pack-and-run runs the second engine, and the second Node', () => {
  const clone = cloneOfScripts();
  cpSync('bench/gpu', join(clone.root, 'bench/gpu'), { recursive: true });
  for (const file of ['dist/linux-x64/dawn.node', 'index.js', 'package.json'])
    clone.write(`node_modules/webgpu/${file}`, file);
  clone.write('.gpu/libvulkan1_0.deb', '');
  clone.write('bin/dpkg', '#!/bin/sh\n');
  chmodSync(join(clone.root, 'bin/dpkg'), 0o755);
  const packAndRun = () => {
    expect(clone.run('bash', ['bench/gpu/pack.sh']).code).toBe(0);
    return clone.run('bash', ['bench/gpu/run.sh', 'quick'], { WANSCOPE_GPU_HOME: join(clone.root, 'home') }).output;
  };
  install(clone, 'Node 1', 'engine 1');
  expect(packAndRun()).toMatch(/^Node 1 runs engine 1$/m);
  install(clone, 'Node 1', 'engine 2');
  expect(packAndRun()).toMatch(/^Node 1 runs engine 2$/m);
  install(clone, 'Node 2', 'engine 2');
  expect(packAndRun()).toMatch(/^Node 2 runs engine 2$/m);
});
