/** Every network in single precision, on the golden files that the app brings along; rounded: goldens_rounded.test.ts. */
import { describe, expect, test } from 'vitest';
import { readGolden } from '../../src/pipeline/golden';
import { verifyGolden } from '../../src/pipeline/verify';
import { testContext } from '../support/evaluate';
import { GOLDENS, goldenFile } from '../support/golden_file';

/** With synthetic weights the tiny decoder's values have a deviation of 141, and are cut down to [0, 1] at the end. */
const CLAMPED_LIMIT = 1e-4;

describe('the published networks, on golden files', () => {
  test.for(GOLDENS.flatMap((name) => [true, false].map((savings) => ({ name, savings }))))(
    '$name, exact savings $savings',
    async ({ name, savings }) => {
      const context = await testContext();
      const rows = await verifyGolden(context, await readGolden(goldenFile(name)), { activation: 'f32', savings });
      expect(rows.length).toBeGreaterThan(0);
      for (const { pass, output, relL2, note, stage } of rows)
        expect
          .soft({ output, pass, note, relL2: relL2 < (stage === 'tiny-decode' ? CLAMPED_LIMIT : 1e-5) })
          .toEqual({ output, pass: true, note: undefined, relL2: true });
    },
  );

  test('leaves no memory behind', async () => {
    const { memory } = await testContext();
    expect(memory.bytes).toBe(0);
  });
});
