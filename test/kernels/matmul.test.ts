import { describe, expect, test } from 'vitest';
import type { Recorder } from '../../src/gpu/program';
import type { Tensor } from '../../src/gpu/tensor';
import { matmul } from '../../src/kernels/matmul';
import { directTiles } from '../../src/kernels/tile';
import { affordable, evaluate, rounded, testDevice } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';
import { DIRECT_TILES, GPU_TILES, ONE_OF_EACH } from '../support/tiles';
import { reference } from './matmul_reference';

const gelu = (v: number) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
const silu = (v: number) => v / (1 + Math.exp(-v));

// One row, less than a tile, a depth no round divides, and several tiles each way.
const SHAPES = [
  { rows: 1, columns: 4, depth: 4 },
  { rows: 5, columns: 36, depth: 20 },
  { rows: 70, columns: 132, depth: 68 },
  { rows: 130, columns: 68, depth: 260 },
];

describe('matmul', () => {
  test.for(SHAPES)(
    'matches the definition for ($rows, $depth) × ($columns, $depth), with every tuning and weight type',
    async ({ rows, columns, depth }) => {
      const bias = noise(columns, 3);
      for (const type of ['f32', 'f16', 'bf16'] as const) {
        const x = noise(rows * depth, 1);
        const weight = rounded(noise(columns * depth, 2), type);
        const expected = reference(x, weight, depth, bias);
        // Decoding and tiling do not depend on each other: every tuning with one type, every type with one of each form.
        const direct = [...DIRECT_TILES, ...directTiles()];
        const tunings = type === 'bf16' ? [...(await affordable(GPU_TILES)), ...direct] : ONE_OF_EACH;
        for (const tuning of tunings) {
          const actual = await evaluate(
            { activation: 'f32' },
            {
              x: { shape: [rows, depth], values: x },
              weight: { shape: [columns, depth], type, values: weight },
              bias: { shape: [columns], values: bias },
            },
            (r, t) => matmul(r, t.x, t.weight, { label: 'y', bias: t.bias, tuning }),
          );
          expect(relL2(actual, expected)).toBeLessThan(1e-6);
        }
      }
    },
  );

  test('matches the definition with half-precision activations where the adapter has them', async (context) => {
    const { device } = await testDevice();
    if (!device.features.has('shader-f16')) return context.skip();
    const [rows, columns, depth] = [70, 132, 68];
    const x = rounded(noise(rows * depth, 1), 'f16');
    const weight = rounded(noise(columns * depth, 2), 'f16');
    const expected = reference(x, weight, depth);
    for (const tuning of ONE_OF_EACH) {
      const actual = await evaluate(
        { activation: 'f16' },
        {
          x: { shape: [rows, depth], type: 'f16', values: x },
          weight: { shape: [columns, depth], type: 'f16', values: weight },
        },
        (r, t) => matmul(r, t.x, t.weight, { label: 'y', tuning }),
      );
      expect(relL2(actual, expected)).toBeLessThan(5e-4); // the result is rounded to half precision once
    }
  });

  const [rows, columns, depth] = [9, 8, 12];
  const x = noise(rows * depth, 1);
  const weight = noise(columns * depth, 2);
  const bias = noise(columns, 3);
  const base = noise(rows * columns, 4);
  const plain = reference(x, weight, depth, bias);
  /** What is done with the sums is one text for all tiles, and the large ones take seconds to compile. */
  const tuning = GPU_TILES[1]!;
  const inputs = {
    x: { shape: [rows, depth], values: x },
    weight: { shape: [columns, depth], values: weight },
    bias: { shape: [columns], values: bias },
    base: { shape: [rows, columns], values: base },
  };

  test.for([
    ['gelu', gelu],
    ['silu', silu],
  ] as const)('applies %s after the bias', async ([activation, definition]) => {
    const actual = await evaluate({ activation: 'f32' }, inputs, (r, t) =>
      matmul(r, t.x, t.weight, { label: 'y', bias: t.bias, activation, tuning }),
    );
    expect(relL2(actual, plain.map(definition))).toBeLessThan(1e-6);
  });

  test('multiplies by another tensor', async () => {
    const actual = await evaluate({ activation: 'f32' }, inputs, (r, t) =>
      matmul(r, t.x, t.weight, { label: 'y', bias: t.bias, times: t.base, tuning }),
    );
    expect(
      relL2(
        actual,
        plain.map((v, i) => v * base[i]!),
      ),
    ).toBeLessThan(1e-6);
  });

  test('adds to the residual stream in place', async () => {
    const actual = await evaluate({ activation: 'f32' }, inputs, (r, t) =>
      matmul(r, t.x, t.weight, { label: 'y', bias: t.bias, addTo: t.base, tuning }),
    );
    expect(
      relL2(
        actual,
        plain.map((v, i) => v + base[i]!),
      ),
    ).toBeLessThan(1e-6);
  });

  // Three tokens a sequence, three sequences; the first two tokens use vector 0.
  test.for([
    { split: 2, vectors: 2 },
    { split: 3, vectors: 1 },
    { split: 0xffffffff, vectors: 3 },
  ])('gates the residual by timestep vectors, split $split', async ({ split, vectors }) => {
    const modulation = noise(6 * columns, 5);
    const timestep = noise(vectors * 6 * columns, 6);
    const vectorOf = (row: number) => (split === 0xffffffff ? row % 3 : row % 3 < split ? 0 : 1);
    const actual = await evaluate(
      { activation: 'f32' },
      {
        ...inputs,
        modulation: { shape: [6, columns], values: modulation },
        timestep: { shape: [vectors, 6, columns], values: timestep },
      },
      (r, t) =>
        matmul(r, t.x, t.weight, {
          label: 'y',
          bias: t.bias,
          tuning,
          addTo: t.base,
          gate: { row: 5, modulation: t.modulation, timesteps: { vectors: t.timestep, tokens: 3, split } },
        }),
    );
    const expected = plain.map((v, i) => {
      const column = i % columns;
      const gate =
        modulation[5 * columns + column]! + timestep[(vectorOf(Math.floor(i / columns)) * 6 + 5) * columns + column]!;
      return base[i]! + gate * v;
    });
    expect(relL2(actual, expected)).toBeLessThan(1e-6);
  });

  describe('with an adapter', () => {
    /** weight + up · (factors · down), in double precision. */
    function merged(weight: Float32Array, up: Float32Array, down: Float32Array, factors: Float32Array, depth: number) {
      const rank = factors.length;
      return Float64Array.from(weight, (value, at) => {
        const [column, k] = [Math.floor(at / depth), at % depth];
        let sum = value;
        for (let j = 0; j < rank; j++) sum += up[column * rank + j]! * factors[j]! * down[j * depth + k]!;
        return sum;
      });
    }
    const rank = 12;
    const adapterInputs = (columns: number, depth: number) => ({
      up: { shape: [columns, rank], values: noise(columns * rank, 5) },
      down: { shape: [rank, depth], values: noise(rank * depth, 6) },
      factors: { shape: [rank], values: noise(rank, 7) },
    });
    const adapterOf = (t: { up: Tensor; down: Tensor; factors: Tensor }) => ({
      up: t.up,
      down: { ...t.down, scale: t.factors },
    });

    // How a tile is made and what is done with its sums do not depend on each other: every tuning is above, with a bias.
    test.for(SHAPES)(
      'matches the definition for ($rows, $depth) × ($columns, $depth), below an activation',
      async ({ rows, columns, depth }) => {
        const [x, weight, bias] = [noise(rows * depth, 1), noise(columns * depth, 2), noise(columns, 3)];
        const adapter = adapterInputs(columns, depth);
        const { up, down, factors } = adapter;
        const whole = merged(weight, up.values, down.values, factors.values, depth);
        const expected = reference(x, whole, depth, bias).map(silu);
        for (const tuning of ONE_OF_EACH) {
          const actual = await evaluate(
            { activation: 'f32' },
            {
              x: { shape: [rows, depth], values: x },
              weight: { shape: [columns, depth], values: weight },
              bias: { shape: [columns], values: bias },
              ...adapter,
            },
            (r, t) => {
              const adapted = { ...t.weight, adapter: adapterOf(t) };
              return matmul(r, t.x, adapted, { label: 'y', bias: t.bias, activation: 'silu', tuning });
            },
          );
          expect(relL2(actual, expected)).toBeLessThan(1e-6);
        }
      },
    );

    const modulation = noise(6 * columns, 5);
    const timestep = noise(6 * columns, 6);
    const scale = noise(columns, 8);
    const adapted = {
      ...inputs,
      ...adapterInputs(columns, depth),
      scale: { shape: [columns], values: scale },
      modulation: { shape: [6, columns], values: modulation },
      timestep: { shape: [1, 6, columns], values: timestep },
    };
    const { up, down, factors } = adapted;
    const scaled = weight.map((value, at) => value * scale[Math.floor(at / depth)]!);
    const whole = merged(scaled, up.values, down.values, factors.values, depth);
    const sums = reference(x, whole, depth, bias);
    type Tensors = Record<keyof typeof adapted, Tensor>;
    const gated = (r: Recorder, t: Tensors, weight: Tensor) =>
      matmul(r, t.x, weight, {
        label: 'y',
        bias: t.bias,
        tuning,
        addTo: t.base,
        gate: { row: 2, modulation: t.modulation, timesteps: { vectors: t.timestep, tokens: rows, split: rows } },
      });
    const active = (r: Recorder, t: Tensors, weight: Tensor) =>
      matmul(r, t.x, weight, { label: 'y', bias: t.bias, activation: 'silu', tuning });

    test('adds to the residual stream by the same gate, and leaves it out of the factors of the weight’s rows', async () => {
      const actual = await evaluate({ activation: 'f32' }, adapted, (r, t) =>
        gated(r, t, { ...t.weight, scale: t.scale, adapter: adapterOf(t) }),
      );
      const gate = (column: number) => modulation[2 * columns + column]! + timestep[2 * columns + column]!;
      const expected = sums.map((v, i) => base[i]! + gate(i % columns) * v);
      expect(relL2(actual, expected)).toBeLessThan(1e-6);
    });

    test('leaves the result as it is without, bit for bit, where its factors are 0', async () => {
      const off = { ...adapted, factors: { shape: [rank], values: new Float32Array(rank) } };
      for (const layer of [gated, active]) {
        const actual = await evaluate({ activation: 'f32' }, off, (r, t) =>
          layer(r, t, { ...t.weight, adapter: adapterOf(t) }),
        );
        expect(actual).toEqual(await evaluate({ activation: 'f32' }, off, (r, t) => layer(r, t, t.weight)));
      }
    });

    test('is added in half precision where the activations have it', async (context) => {
      if (!(await testDevice()).device.features.has('shader-f16')) return context.skip();
      const actual = await evaluate({ activation: 'f16' }, adapted, (r, t) =>
        matmul(r, t.x, { ...t.weight, scale: t.scale, adapter: adapterOf(t) }, { label: 'y', bias: t.bias, tuning }),
      );
      expect(relL2(actual, sums)).toBeLessThan(1e-3); // its part is rounded once, the sum once
    });
  });

  test('refuses depths that differ, with both shapes', async () => {
    await expect(
      evaluate({ activation: 'f32' }, inputs, (r, t) => matmul(r, t.x, t.base, { label: 'y' })),
    ).rejects.toMatchObject({ code: 'shape-mismatch' });
  });
});
