/**
 * Derives public/reference/runs.json and cards.json from the raw result files in
 * test/compare/seed-runs and what was gathered of other published timings and of
 * data sheets (published.json, here):
 *
 *   node tools/reference/build.mjs
 *
 * test/compare/references.unit.test.ts fails when they have drifted apart.
 */
import { writeFile } from 'node:fs/promises';
import { runnerImport } from 'vite';

const { module } = await runnerImport('./tools/reference/reference_files.ts');
for (const [path, text] of Object.entries(await module.referenceFiles())) {
  await writeFile(path, text);
  console.log(`${path}: ${text.length} bytes`);
}
