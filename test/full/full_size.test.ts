/**
 * The published sizes — 5.0 B transformer, 5.7 B encoder, the real VAE — held to
 * the published outputs, with synthetic weights made on the adapter. About ten
 * minutes on two cores; `npm run test:full`.
 */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readGolden } from '../../src/pipeline/golden';
import { verifyGolden } from '../../src/pipeline/verify';
import { testContext } from '../support/evaluate';
import { goldenFile } from '../support/golden_file';

const names = readdirSync(new URL('../golden/full/', import.meta.url)).map((file) => file.replace('.safetensors', ''));
const MINUTES = 60_000;

const cases = names.flatMap((name) => [true, false].map((savings) => ({ name, savings })));

test.for(cases)('$name, exact savings $savings', { timeout: 15 * MINUTES }, async ({ name, savings }) => {
  const rows = await verifyGolden(await testContext(), await readGolden(goldenFile(name)), {
    activation: 'f32',
    savings,
  });
  for (const { pass, output, note } of rows)
    expect.soft({ output, pass, note }).toEqual({ output, pass: true, note: undefined });
});

test('the whole of it takes at most 6 GiB', () => {
  expect(process.resourceUsage().maxRSS / 1024 ** 2).toBeLessThan(6);
});
