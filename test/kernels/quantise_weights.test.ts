import { describe, expect, test } from 'vitest';
import { quantiseWeights } from '../../src/kernels/quantise_weights';
import type { WeightType } from '../../src/weights/weight_types';
import { evaluate, rounded } from '../support/evaluate';
import { noise } from '../support/gpu';
import { storedWeights } from '../support/stored_weights';

// One block, an odd number of them, and more pairs than a workgroup has invocations.
const SHAPES = [
  [1, 32],
  [5, 96],
  [67, 160],
] as const;

/** Decoded by the CPU's decoder of q8_0, which is its definition. */
function quantised(type: WeightType, shape: readonly [number, number], bytes: Uint8Array<ArrayBuffer>) {
  const target = new Uint8Array((shape[0] * shape[1] * 34) / 32);
  return evaluate(
    { activation: 'f32' },
    { weight: { shape, type, bytes }, target: { shape, type: 'q8_0', bytes: target } },
    (r, t) => {
      quantiseWeights(r, t.weight, t.target, 'weight');
      return t.target;
    },
  );
}

describe('quantise_weights', () => {
  test.for(SHAPES)('matches the definition for %i rows of %i: each number within half a step', async (shape) => {
    const count = shape[0] * shape[1];
    const wide = noise(count, 1).map((value, at) => value * 2 ** ((Math.floor(at / 32) % 12) - 10));
    for (const type of ['bf16', 'f32'] as const) {
      const values = rounded(wide, type);
      const bits = new Uint32Array(values.slice().buffer);
      const bytes = new Uint8Array((type === 'f32' ? bits : Uint16Array.from(bits, (word) => word >>> 16)).buffer);
      const decoded = await quantised(type, shape, bytes);
      for (let block = 0; block < count; block += 32) {
        const most = values.subarray(block, block + 32).reduce((m, value) => Math.max(m, Math.abs(value)), 0);
        // The step has ten bits of fraction, below 2^-14 it is a multiple of 2^-24.
        for (let at = block; at < block + 32; at++)
          expect(Math.abs(decoded[at]! - values[at]!), `${type} ${at}`).toBeLessThanOrEqual(
            (0.501 * most) / 127 + 2 ** -25,
          );
      }
      expect(decoded.length).toBe(count);
    }
  });

  test('of what is in 8 bits already changes nothing, and decodes other blocks', async () => {
    const { values } = storedWeights('q4_0', 3 * 64, 2);
    const decoded = await quantised('q4_0', [3, 64], storedWeights('q4_0', 3 * 64, 2).bytes);
    const [far, size] = [0, 1].map((part) =>
      Math.hypot(...values.map((value, at) => (part === 0 ? decoded[at]! - value : value))),
    );
    expect(far! / size!).toBeLessThan(1e-2);

    // Whole numbers with a 127 in each block, times a power of two: exact.
    const exact = noise(2 * 32, 3).map((value, at) => (at % 32 === 0 ? 127 : Math.round(value * 63)) / 256);
    expect(await quantised('f32', [1, 64], new Uint8Array(exact.buffer))).toEqual(exact);
  });

  test('refuses other types and part of a block', async () => {
    const weight = { shape: [2, 48], values: noise(96, 1) };
    const run = (target: { shape: number[]; type: 'q8_0' | 'f32' }) =>
      evaluate({ activation: 'f32' }, { weight, target: { ...target, bytes: new Uint8Array(4) } }, (r, t) => {
        quantiseWeights(r, t.weight, t.target, 'weight');
        return t.target;
      });
    await expect(run({ shape: [2, 48], type: 'q8_0' })).rejects.toThrow(/\[2,48\].*32/);
    await expect(run({ shape: [2, 48], type: 'f32' })).rejects.toThrow(/only q8_0/);
    await expect(run({ shape: [2, 32], type: 'q8_0' })).rejects.toThrow(/\[2,32\].*\[2,48\]/);
  });
});
