/**
 * Derives public/reference/seed.json from the raw files in test/compare/seed-runs:
 *
 *   node tools/seed_reference.mjs
 *
 * test/compare/seed.unit.test.ts fails when the two have drifted apart.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { runnerImport } from 'vite';

const { module } = await runnerImport('./test/compare/seed_files.ts');
const rows = await module.importSeedFiles((name) => readFile(`test/compare/seed-runs/${name}`, 'utf8'));
const file = { schema: 'wanscope-references', version: 1, rows };
await writeFile('public/reference/seed.json', `${JSON.stringify(file, null, 1)}\n`);
console.log(`${rows.length} rows written to public/reference/seed.json`);
