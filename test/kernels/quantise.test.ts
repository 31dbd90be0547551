import { describe, expect, test } from 'vitest';
import { record } from '../../src/gpu/program';
import { externalTensor } from '../../src/gpu/tensor';
import { matmul } from '../../src/kernels/matmul';
import { quantise } from '../../src/kernels/quantise';
import { evaluate, rounded, testDevice } from '../support/evaluate';
import { noise } from '../support/gpu';
import { quantised } from '../support/quantised';

// One block, rows of an odd number of blocks, and more blocks than a workgroup has invocations.
const SHAPES = [
  [1, 32],
  [3, 96],
  [67, 160],
] as const;

/** Blocks of all sizes: a factor of 2^-20 to 2^19 for each, and one of zeros. */
function blocks(rows: number, depth: number): Float32Array {
  return noise(rows * depth, 1).map((value, at) => {
    const block = Math.floor(at / 32);
    return block === 1 ? 0 : value * 2 ** (((block * 7) % 40) - 20);
  });
}

describe('quantise', () => {
  /** The definition: a block's scale is its largest magnitude over 127, and each number within half of it. */
  async function check(type: 'f32' | 'f16', values: Float32Array, shape: readonly [number, number]) {
    const { q, scales } = await quantised(values, shape, type);
    scales.forEach((scale, block) => {
      const numbers = values.subarray(32 * block, 32 * block + 32);
      const most = numbers.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      expect(Math.abs(scale - most / 127)).toBeLessThanOrEqual((1e-6 * most) / 127);
      numbers.forEach((value, i) => {
        const far = Math.abs(q[32 * block + i]! * scale - value);
        expect(far, `number ${i} of block ${block}`).toBeLessThanOrEqual(0.5001 * scale);
      });
    });
    expect(q.length).toBe(values.length);
  }

  test.for(SHAPES)('matches the definition for %i rows of %i', async ([rows, depth]) => {
    await check('f32', blocks(rows, depth), [rows, depth]);
  });

  test('matches the definition in half precision where the adapter has it', async (context) => {
    if (!(await testDevice()).device.features.has('shader-f16')) return context.skip();
    await check('f16', rounded(noise(3 * 96, 2), 'f16'), [3, 96]);
  });

  test('keeps what is no finite number from becoming one', async () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const values = noise(96, 1);
      values[40] = wrong;
      const scales = await evaluate(
        { activation: 'f32' },
        { x: { shape: [1, 96], values } },
        (r, t) => quantise(r, t.x, 'x').scales,
      );
      expect([...scales].map(Number.isFinite)).toEqual([true, false, true]);
    }
  });

  test('is done once for products of one x, and again when x has changed', () => {
    const x = externalTensor('x', [4, 32], 'f32');
    const weight = externalTensor('weight', [32, 32], 'q8_0');
    const { program } = record('test', { activation: 'f32', products: 'int8' }, (r) => {
      matmul(r, x, weight, { label: 'q' });
      matmul(r, x, weight, { label: 'k' });
      matmul(r, x, weight, { label: 'o', addTo: x });
      matmul(r, x, weight, { label: 'up' });
    });
    const kernels = program.commands.map((command) => command.kind === 'dispatch' && command.shader.name);
    const product = 'matmul_int8';
    expect(kernels).toEqual(['quantise', product, product, product, 'quantise', product]);
  });

  test('refuses rows that are no whole number of blocks, with both numbers', async () => {
    const x = { x: { shape: [2, 48], values: noise(96, 1) } };
    const run = evaluate({ activation: 'f32' }, x, (r, t) => quantise(r, t.x, 'x').words);
    await expect(run).rejects.toThrow(/\[2,48\].*32/);
  });
});
