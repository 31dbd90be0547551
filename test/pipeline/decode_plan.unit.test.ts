import { describe, expect, test } from 'vitest';
import { decodeModel } from '../../src/pipeline/decode_passes';
import { type DecodeLimits, planDecode } from '../../src/pipeline/decode_plan';
import { WAN22_VAE } from '../../src/vae/config';

const MIB = 2 ** 20;
/** 1280 × 704, 121 frames. */
const SHAPE = [WAN22_VAE.z_dim, 31, 44, 80];

const plan = (limits: DecodeLimits, activation: 'f16' | 'f32' = 'f16', bindingBytes?: number) =>
  planDecode(
    decodeModel({ typeOf: () => 'bf16' }, WAN22_VAE, { activation, ...(bindingBytes && { bindingBytes }) }, true),
    SHAPE,
    limits,
  );

describe('a plan of decoding at 1280×704', () => {
  test('is the frame at once, where nothing forbids it', () => {
    expect(plan({})).toMatchObject({ tilePixels: null, work: 1 });
    expect(plan({ memoryBytes: plan({}).peakBytes })).toEqual(plan({}));
  });

  test.for(['f16', 'f32'] as const)(
    'takes less memory for more work, and never more than allowed, in %s',
    (activation) => {
      const plans = [8192, 4096, 2560, 1536].map((mebi) => {
        const found = plan({ memoryBytes: mebi * MIB }, activation);
        expect(found.peakBytes).toBeLessThanOrEqual(mebi * MIB);
        // Most of what is allowed is made use of.
        if (found.tilePixels) expect(found.peakBytes).toBeGreaterThan(0.75 * mebi * MIB);
        return found;
      });
      const works = plans.map(({ work }) => work);
      expect(works).toEqual([...works].sort((a, b) => a - b));
      expect(works[1]).toBeLessThan(1.3);
      expect(works.at(-1)).toBeGreaterThan(1.3);
    },
  );

  test('counts what is there already', () => {
    const besidesBytes = 500 * MIB;
    const beside = plan({ memoryBytes: 4096 * MIB, besidesBytes });
    expect(beside).toEqual({ ...plan({ memoryBytes: 3596 * MIB }), peakBytes: beside.peakBytes });
    expect(beside.peakBytes).toBe(plan({ memoryBytes: 3596 * MIB }).peakBytes + besidesBytes);
  });

  test('binds no buffer that the GPU would refuse', () => {
    for (const limit of [128 * MIB, 256 * MIB]) {
      const found = plan({}, 'f32', limit);
      expect(found.tilePixels).not.toBeNull();
      expect(found.largestBytes).toBeLessThanOrEqual(limit);
      expect(found.largestBytes).toBeGreaterThan(0.6 * limit);
    }
  });

  test('says with both numbers when no tile fits', () => {
    const weights = 1162 * MIB;
    expect(() => plan({ memoryBytes: weights })).toThrow(/1280×704 in tiles of 16×16 pixels.*1,\d+ MiB.*1,162 MiB/);
    expect(() => plan({}, 'f32', 16 * MIB)).toThrow(/1280×704.*\d+ MiB in one buffer.*16 MiB/);
  });

  test.for([
    { width: 100, height: 96 },
    { width: 96, height: 0 },
    { width: Number.NaN, height: 96 },
  ])('refuses tiles of %s', (tilePixels) => {
    expect(() => plan({ tilePixels })).toThrow(/multiples of 16/);
  });
});
