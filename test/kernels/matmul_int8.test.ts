import { describe, expect, test } from 'vitest';
import { matmul } from '../../src/kernels/matmul';
import { CPU_INT8_TILE, INT8_VARIANTS, int8Candidates } from '../../src/kernels/matmul_int8';
import { evaluate, isLlvmpipe, rounded, testDevice } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';
import { quantised } from '../support/quantised';
import { storedWeights } from '../support/stored_weights';
import { reference } from './matmul_reference';

const INT8 = { activation: 'f32', products: 'int8' } as const;

/** So written that a software adapter compiles them in a second: the words of a block are a loop. */
const VARIANTS = INT8_VARIANTS.map((tile) => ('TM' in tile ? { ...tile, STEPS: 1 } : tile));

// One row, less than a tile, odd numbers of blocks, and several tiles each way.
const SHAPES = [
  { rows: 1, columns: 4, depth: 32 },
  { rows: 5, columns: 36, depth: 96 },
  { rows: 70, columns: 132, depth: 160 },
  { rows: 130, columns: 68, depth: 224 },
];

describe('matmul_int8', () => {
  test.for(SHAPES)(
    'matches the definition for ($rows, $depth) × ($columns, $depth), with every tuning',
    async ({ rows, columns, depth }) => {
      const x = noise(rows * depth, 1);
      const weight = storedWeights('q8_0', columns * depth, 2);
      const bias = noise(columns, 3);
      const expected = reference((await quantised(x, [rows, depth])).values, weight.values, depth, bias);
      // llvmpipe writes dots out and compiles for seconds: SwiftShader, or a GPU, goes through the rest.
      for (const tuning of (await isLlvmpipe()) ? [CPU_INT8_TILE] : VARIANTS) {
        const actual = await evaluate(
          INT8,
          {
            x: { shape: [rows, depth], values: x },
            weight: { shape: [columns, depth], type: 'q8_0', bytes: weight.bytes },
            bias: { shape: [columns], values: bias },
          },
          (r, t) => matmul(r, t.x, t.weight, { label: 'y', bias: t.bias, tuning }),
        );
        expect(relL2(actual, expected), JSON.stringify(tuning)).toBeLessThan(1e-6);
      }
    },
  );

  test('matches the definition with half-precision activations where the adapter has them', async (context) => {
    if (!(await testDevice()).device.features.has('shader-f16')) return context.skip();
    const { rows, columns, depth } = SHAPES[1]!;
    const x = rounded(noise(rows * depth, 1), 'f16');
    const weight = storedWeights('q8_0', columns * depth, 2);
    const bias = noise(columns, 3);
    const expected = reference((await quantised(x, [rows, depth], 'f16')).values, weight.values, depth, bias);
    const actual = await evaluate(
      { ...INT8, activation: 'f16', software: true },
      {
        x: { shape: [rows, depth], type: 'f16', values: x },
        weight: { shape: [columns, depth], type: 'q8_0', bytes: weight.bytes },
        bias: { shape: [columns], values: bias },
      },
      (r, t) => matmul(r, t.x, t.weight, { label: 'y', bias: t.bias, type: 'f32' }),
    );
    expect(relL2(actual, expected)).toBeLessThan(1e-6); // half precision holds the operand alone
  });

  // The epilogues are those of matmul, and their tests are there; here that they are reached, most at once.
  const [rows, columns, depth] = [9, 328, 96];
  const x = noise(rows * depth, 1);
  const weight = storedWeights('q8_0', columns * depth, 2);
  const bias = noise(columns, 3);
  const factors = noise(columns, 4);
  const base = noise(rows * columns, 5);
  const modulation = noise(6 * columns, 6);
  const timestep = noise(6 * columns, 7);
  const inputs = {
    x: { shape: [rows, depth], values: x },
    weight: { shape: [columns, depth], type: 'q8_0', bytes: weight.bytes },
    bias: { shape: [columns], values: bias },
    factors: { shape: [columns], values: factors },
    base: { shape: [rows, columns], values: base },
    modulation: { shape: [6, columns], values: modulation },
    timestep: { shape: [1, 6, columns], values: timestep },
  } as const;
  test('gates the residual, in pieces, by the factors of the weight’s rows', async (context) => {
    if (await isLlvmpipe()) return context.skip(); // the golden files have the epilogues there
    // 16 KiB hold 128 rows of 102 bytes: three pieces, the last of 72 rows.
    const actual = await evaluate({ ...INT8, software: true, bindingBytes: 16384 }, inputs, (r, t) =>
      matmul(
        r,
        t.x,
        { ...t.weight, scale: t.factors },
        {
          label: 'y',
          bias: t.bias,
          addTo: t.base,
          gate: { row: 2, modulation: t.modulation, timesteps: { vectors: t.timestep, tokens: rows, split: rows } },
        },
      ),
    );
    const scaled = weight.values.map((value, at) => value * factors[Math.floor(at / depth)]!);
    const sums = reference((await quantised(x, [rows, depth])).values, scaled, depth, bias);
    const expected = sums.map((value, i) => {
      const gate = modulation[2 * columns + (i % columns)]! + timestep[2 * columns + (i % columns)]!;
      return base[i]! + gate * value;
    });
    expect(relL2(actual, expected)).toBeLessThan(1e-6);
  });

  test('is off by the rounding of both operands, about half a percent each', async () => {
    const actual = await evaluate({ ...INT8, software: true }, inputs, (r, t) =>
      matmul(r, t.x, t.weight, { label: 'y', bias: t.bias }),
    );
    const rounding = relL2(actual, reference(x, weight.values, depth, bias));
    expect(rounding).toBeGreaterThan(1e-4);
    expect(rounding).toBeLessThan(1e-2);
  });

  test('offers a tuner the forms of the device alone, the default first', () => {
    const size = { rows: 1024, columns: 3072, depth: 3072 };
    expect(int8Candidates({ activation: 'f32', software: true }, size).every((tile) => !('TM' in tile))).toBe(true);
    const tiles = int8Candidates({ activation: 'f32' }, size);
    expect(tiles.every((tile) => 'TM' in tile)).toBe(true);
    expect(new Set(tiles).size).toBe(tiles.length);
    expect(tiles[0]).toMatchObject({ BM: 128, BN: 64 });
  });
});
