import { describe, expect, test } from 'vitest';
import { ATTENTION_VARIANTS, attention } from '../../src/kernels/attention';
import { evaluate, isLlvmpipe, testDevice } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';
import { inputs, reference } from './attention_reference';

// A software adapter compiles loops in a second, and slices that are written out in minutes.
const variants = ATTENTION_VARIANTS.map((tuning) => ({ ...tuning, STEPS: 1 }));
const small = variants[1]!;
/** llvmpipe takes seven seconds to compile this one, and twelve for the smallest of them. */
const quick = { ...small, SLICE: 8 };

const onLlvmpipe = isLlvmpipe();

describe('attention', () => {
  // A single key, sequences that end inside a round, two sequences. llvmpipe takes one tuning, and small heads.
  test.for([
    { batch: 1, queries: 1, keys: 1, heads: 1, head: 16, tunings: [small] },
    { batch: 1, queries: 5, keys: 21, heads: 2, head: 16, tunings: variants },
    { batch: 2, queries: 33, keys: 45, heads: 1, head: 16, tunings: [small] },
    { batch: 1, queries: 70, keys: 131, heads: 2, head: 32, tunings: variants },
    { batch: 2, queries: 33, keys: 45, heads: 1, head: 64, tunings: [small] },
    { batch: 1, queries: 65, keys: 66, heads: 2, head: 128, tunings: variants.slice(0, 2) },
  ])(
    'matches the definition for $queries queries, $keys keys, head $head, batch $batch',
    async ({ tunings, ...size }, context) => {
      if ((await onLlvmpipe) && size.head > 32) return context.skip();
      const { q, k, v } = inputs(size);
      const expected = reference(q.values, k.values, v.values, size, 1 / Math.sqrt(size.head));
      for (const tuning of (await onLlvmpipe) ? [quick] : tunings) {
        const actual = await evaluate({ activation: 'f32' }, { q, k, v }, (r, t) =>
          attention(r, t.q, t.k, t.v, { label: 'a', heads: size.heads, batch: size.batch, tuning }),
        );
        expect(relL2(actual, expected)).toBeLessThan(2e-6);
      }
    },
  );

  test('counts the last key as many, as zero padding of the text does', async () => {
    const size = { batch: 1, queries: 5, keys: 12, heads: 2, head: 32 };
    const { q, k, v } = inputs(size);
    const actual = await evaluate({ activation: 'f32' }, { q, k, v }, (r, t) =>
      attention(r, t.q, t.k, t.v, { label: 'a', heads: 2, lastKeyCount: 501, tuning: quick }),
    );
    expect(relL2(actual, reference(q.values, k.values, v.values, size, 1 / Math.sqrt(32), 501))).toBeLessThan(2e-6);
  });

  test('adds a bias by distance, without scaling, as UMT5 does', async (context) => {
    if (await onLlvmpipe) return context.skip(); // 20 s to compile; there the text encoder takes attention_direct.ts
    const size = { batch: 1, queries: 37, keys: 37, heads: 3, head: 16 };
    const { q, k, v } = inputs(size);
    const bias = noise(3 * 73, 4);
    const actual = await evaluate({ activation: 'f32' }, { q, k, v, bias: { shape: [3, 73], values: bias } }, (r, t) =>
      attention(r, t.q, t.k, t.v, { label: 'a', heads: 3, scale: 1, distanceBias: t.bias, tuning: quick }),
    );
    expect(relL2(actual, reference(q.values, k.values, v.values, size, 1, 1, bias))).toBeLessThan(4e-6);
  });

  test('matches the definition with half-precision activations where the adapter has them', async (context) => {
    const { device } = await testDevice();
    if (!device.features.has('shader-f16')) return context.skip();
    const size = { batch: 1, queries: 70, keys: 131, heads: 1, head: 128 };
    const { q, k, v } = inputs(size, 'f16');
    const actual = await evaluate({ activation: 'f16' }, { q, k, v }, (r, t) =>
      attention(r, t.q, t.k, t.v, { label: 'a', heads: 1, tuning: quick }),
    );
    expect(relL2(actual, reference(q.values, k.values, v.values, size, 1 / Math.sqrt(128)))).toBeLessThan(5e-4);
  });

  test('survives logits of hundreds', async () => {
    const size = { batch: 1, queries: 3, keys: 40, heads: 1, head: 16 };
    const { q, k, v } = inputs(size);
    const actual = await evaluate({ activation: 'f32' }, { q, k, v }, (r, t) =>
      attention(r, t.q, t.k, t.v, { label: 'a', heads: 1, scale: 30, tuning: quick }),
    );
    expect(relL2(actual, reference(q.values, k.values, v.values, size, 30))).toBeLessThan(1e-3);
  });
});
