/** What the scripts do in a clone that has no packages yet, and with what is built there. */
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cloneOfScripts } from './copy';

const MINUTE_MS = 60_000;

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

test('what is built is old when other packages are locked', () => {
  const clone = cloneOfScripts();
  clone.write('dist/cli/main.js', '');
  const dated = (path: string, agoMs: number) => {
    const at = new Date(Date.now() - agoMs);
    utimesSync(join(clone.root, path), at, at);
  };
  dated('dist/cli/main.js', 2 * MINUTE_MS);
  dated('package-lock.json', 3 * MINUTE_MS);
  expect(clone.run(process.execPath, ['scripts/build.mjs', 'cli'])).toEqual({ code: 0, output: '' });
  dated('package-lock.json', MINUTE_MS);
  expect(clone.run(process.execPath, ['scripts/build.mjs', 'cli']).output).toContain('The build of cli failed');
});

test('the rounds of the soak are imported by address: a path is none on Windows, nor with a % in it', () => {
  const clone = cloneOfScripts('100%41');
  clone.write('dist/soak/main.js', "console.log('imported'); process.exit(0);");
  clone.write('package.json', '{ "type": "module" }');
  const later = new Date(Date.now() + MINUTE_MS);
  utimesSync(join(clone.root, 'dist/soak/main.js'), later, later);
  const minutes = ['--minutes', '1', '--warm-up', '0'];
  expect(clone.run(process.execPath, ['scripts/soak.mjs', '--chromium', ...minutes]).output).toBe('imported\n');
});

test('a filter that no test has in its path is a failure, and is named', () => {
  const clone = cloneOfScripts();
  clone.write(
    'node_modules/vitest/vitest.mjs',
    `
    import { writeFileSync } from 'node:fs';
    const report = process.argv.find((argument) => argument.startsWith('--outputFile.json=')).split('=')[1];
    writeFileSync(report, '{ "testResults": [] }');
  `,
  );
  clone.write('scripts/setup_adapters.mjs', 'export const setupAdapters = () => ({});');
  const { code, output } = clone.run(process.execPath, ['scripts/test.mjs', '--suite', 'unit', 'matmull']);
  expect(output).toContain('0 passed, 0 failed\nNo test in unit has matmull in its path.');
  expect(code).toBe(1);
  expect(clone.run(process.execPath, ['scripts/test.mjs', '--suite', 'unit']).code).toBe(0);
});
