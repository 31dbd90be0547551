import { describe, expect, test } from 'vitest';
import { attention } from '../../src/kernels/attention';
import { evaluate, testDevice, testLanes } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';
import { inputs, reference } from './attention_reference';

describe('attention_direct', () => {
  // Each head size; a single key; sequences that end inside four; two sequences.
  test.for([
    { batch: 1, queries: 1, keys: 1, heads: 1, head: 16 },
    { batch: 1, queries: 70, keys: 131, heads: 2, head: 32 },
    { batch: 2, queries: 33, keys: 45, heads: 1, head: 64 },
    { batch: 1, queries: 65, keys: 66, heads: 2, head: 128 },
  ])('matches the definition for $queries queries, $keys keys, head $head, batch $batch', async (size) => {
    const { q, k, v } = inputs(size);
    const expected = reference(q.values, k.values, v.values, size, 1 / Math.sqrt(size.head));
    const actual = await evaluate(
      { activation: 'f32', software: true, lanes: await testLanes() },
      { q, k, v },
      (r, t) => attention(r, t.q, t.k, t.v, { label: 'a', heads: size.heads, batch: size.batch }),
    );
    expect(relL2(actual, expected)).toBeLessThan(2e-6);
  });

  test('matches the definition where the device has no subgroups', async () => {
    const size = { batch: 2, queries: 5, keys: 21, heads: 2, head: 16 };
    const { q, k, v } = inputs(size);
    const actual = await evaluate({ activation: 'f32', software: true }, { q, k, v }, (r, t) =>
      attention(r, t.q, t.k, t.v, { label: 'a', heads: 2, batch: 2 }),
    );
    expect(relL2(actual, reference(q.values, k.values, v.values, size, 1 / 4))).toBeLessThan(2e-6);
  });

  test('counts the last key as many, as zero padding of the text does', async () => {
    const size = { batch: 1, queries: 5, keys: 12, heads: 2, head: 32 };
    const { q, k, v } = inputs(size);
    const actual = await evaluate(
      { activation: 'f32', software: true, lanes: await testLanes() },
      { q, k, v },
      (r, t) => attention(r, t.q, t.k, t.v, { label: 'a', heads: 2, lastKeyCount: 501 }),
    );
    expect(relL2(actual, reference(q.values, k.values, v.values, size, 1 / Math.sqrt(32), 501))).toBeLessThan(2e-6);
  });

  test('adds a bias by distance, without scaling, as UMT5 does', async () => {
    const size = { batch: 1, queries: 37, keys: 37, heads: 3, head: 16 };
    const { q, k, v } = inputs(size);
    const bias = noise(3 * 73, 4);
    const actual = await evaluate(
      { activation: 'f32', software: true, lanes: await testLanes() },
      { q, k, v, bias: { shape: [3, 73], values: bias } },
      (r, t) => attention(r, t.q, t.k, t.v, { label: 'a', heads: 3, scale: 1, distanceBias: t.bias }),
    );
    expect(relL2(actual, reference(q.values, k.values, v.values, size, 1, 1, bias))).toBeLessThan(4e-6);
  });

  test('matches the definition with half-precision activations where the adapter has them', async (context) => {
    const { device } = await testDevice();
    if (!device.features.has('shader-f16')) return context.skip();
    const size = { batch: 1, queries: 70, keys: 131, heads: 1, head: 128 };
    const { q, k, v } = inputs(size, 'f16');
    const actual = await evaluate(
      { activation: 'f16', software: true, lanes: await testLanes() },
      { q, k, v },
      (r, t) => attention(r, t.q, t.k, t.v, { label: 'a', heads: 1 }),
    );
    expect(relL2(actual, reference(q.values, k.values, v.values, size, 1 / Math.sqrt(128)))).toBeLessThan(5e-4);
  });

  test('survives logits of hundreds', async () => {
    const size = { batch: 1, queries: 3, keys: 40, heads: 1, head: 16 };
    const { q, k, v } = inputs(size);
    const actual = await evaluate(
      { activation: 'f32', software: true, lanes: await testLanes() },
      { q, k, v },
      (r, t) => attention(r, t.q, t.k, t.v, { label: 'a', heads: 1, scale: 30 }),
    );
    expect(relL2(actual, reference(q.values, k.values, v.values, size, 30))).toBeLessThan(1e-3);
  });
});
