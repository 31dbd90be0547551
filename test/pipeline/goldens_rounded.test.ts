/** Every network on the golden files, rounding more than single precision does: activations to 16 bits, products to 8. */
import { describe, expect, test } from 'vitest';
import { readGolden } from '../../src/pipeline/golden';
import { verifyGolden } from '../../src/pipeline/verify';
import { testContext } from '../support/evaluate';
import { GOLDENS, goldenFile } from '../support/golden_file';

describe('the published networks, on golden files', () => {
  test.for(GOLDENS)('%s with half-precision activations, where the adapter has them', async (name, context) => {
    const gpu = await testContext();
    if (!gpu.device.device.features.has('shader-f16')) return context.skip();
    const rows = await verifyGolden(gpu, await readGolden(goldenFile(name)), { activation: 'f16', savings: true });
    for (const { pass, output, note } of rows)
      expect.soft({ output, pass, note }).toEqual({ output, pass: true, note: undefined });
  });

  // Weights resident, and passing through in tiles.
  test.for([
    { name: 'tiny-dit', tileBytes: 2 ** 14 },
    { name: 'tiny-dit-i2v', tileBytes: 2 ** 14 },
    { name: 'small-dit', tileBytes: 2 ** 17 },
  ])('$name with products of 8-bit numbers', async ({ name, tileBytes }) => {
    const golden = await readGolden(goldenFile(name));
    const far: number[][] = [];
    for (const residency of ['resident', 'stream'] as const) {
      const options = { activation: 'f32', savings: true, products: 'int8', residency, tileBytes } as const;
      const rows = await verifyGolden(await testContext(), golden, options);
      expect(rows.length).toBeGreaterThan(0);
      for (const { pass, output, relL2, note } of rows) {
        expect.soft({ output, pass, note }).toEqual({ output, pass: true, note: undefined });
        expect.soft(relL2).toBeLessThan(3e-2);
        expect.soft(relL2).toBeGreaterThan(1e-4); // else nothing was rounded
      }
      far.push(rows.map(({ relL2 }) => relL2));
    }
    expect(far[1]).toEqual(far[0]);
  });

  test('leaves no memory behind', async () => {
    const { memory } = await testContext();
    expect(memory.bytes).toBe(0);
  });
});
