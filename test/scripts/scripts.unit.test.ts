/** What the scripts do in a clone that has no packages yet, and with what is built there. */
import { describe, expect, test } from 'vitest';
import { cloneOfScripts } from './copy';

describe.skipIf(process.platform === 'win32')('a fresh clone', () => {
  test.for([['build.mjs', 'cli'], ['fuzz.mjs'], ['cli.mjs', '--version']])(
    'first installs all packages, whatever NODE_ENV is: %s',
    ([script, ...args]) => {
      const clone = cloneOfScripts();
      clone.write('package-lock.json', '{ "packages": { "node_modules/vite": { "version": "1.0.0", "dev": true } } }');
      const { code, output } = clone.run(process.execPath, [`scripts/${script}`, ...args], { NODE_ENV: 'production' });
      expect(output).toMatch(/^npm install .*--include=dev --include=optional/m);
      expect(code).toBe(1);
    },
  );
});
