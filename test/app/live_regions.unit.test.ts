import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('what speaks is not away while it is empty: screen readers hear no region that comes with its text', async () => {
  const folder = 'src/app/styles/';
  for (const name of await readdir(folder)) {
    const rules = (await readFile(folder + name, 'utf8')).matchAll(/([^{}]*):empty[^{}]*\{([^}]*)\}/g);
    for (const [, selector, rule] of rules) expect(rule, `${name}: ${selector}`).not.toMatch(/display: none/);
  }
});
