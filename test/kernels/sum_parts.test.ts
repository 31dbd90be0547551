import { describe, expect, test } from 'vitest';
import type { Recorder } from '../../src/gpu/program';
import type { Tensor } from '../../src/gpu/tensor';
import { type MatmulOptions, matmul } from '../../src/kernels/matmul';
import { affordable, evaluate, rounded, testDevice } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';
import { GPU_TILES } from '../support/tiles';
import { reference } from './matmul_reference';

const silu = (v: number) => v / (1 + Math.exp(-v));

/** Rounds of 16 and of 32; on SwiftShader the first. */
const TILES = await affordable([GPU_TILES[1]!, GPU_TILES[2]!]);

/** The kernels that a program consists of. */
const kernels = (r: Recorder) => r.commands.map((command) => command.kind === 'dispatch' && command.shader.name);

// One row, less than a tile of them, and more; 4, 7 and 65 rounds of 16, the last ones not whole.
describe.for([1, 3, 16, 37])('the product of %i rows in parts', (rows) => {
  test.for([64, 100, 1028])('matches the definition for a depth of %i, however often it is cut', async (depth) => {
    const columns = 68;
    const [x, weight, bias] = [noise(rows * depth, 1), noise(columns * depth, 2), noise(columns, 3)];
    const expected = reference(x, weight, depth, bias);
    for (const tile of TILES)
      for (const SPLIT of [2, 4, 8]) {
        const actual = await evaluate(
          { activation: 'f32' },
          {
            x: { shape: [rows, depth], values: x },
            weight: { shape: [columns, depth], values: weight },
            bias: { shape: [columns], values: bias },
          },
          (r, t) => {
            const y = matmul(r, t.x, t.weight, { label: 'y', bias: t.bias, tuning: { ...tile, SPLIT } });
            expect(kernels(r)).toEqual(['matmul', 'sum_parts']);
            return y;
          },
        );
        expect(relL2(actual, expected), `SPLIT ${SPLIT}`).toBeLessThan(1e-6);
      }
  });
});

describe('what becomes of the sums matches the definition', () => {
  const [rows, columns, depth] = [9, 68, 100];
  const rank = 8;
  const tuning = { ...TILES[0]!, SPLIT: 4 };
  const values = {
    x: noise(rows * depth, 1),
    weight: noise(columns * depth, 2),
    bias: noise(columns, 3),
    base: noise(rows * columns, 4),
    scale: noise(columns, 5),
    modulation: noise(6 * columns, 6),
    timestep: noise(2 * 6 * columns, 7),
    up: noise(columns * rank, 8),
    down: noise(rank * depth, 9),
  };
  const shapes: Record<keyof typeof values, number[]> = {
    x: [rows, depth],
    weight: [columns, depth],
    bias: [columns],
    base: [rows, columns],
    scale: [columns],
    modulation: [6, columns],
    timestep: [2, 6, columns],
    up: [columns, rank],
    down: [rank, depth],
  };
  type Name = keyof typeof values;
  const inputs = Object.fromEntries(
    Object.entries(values).map(([name, of]) => [name, { shape: shapes[name as Name], values: of }]),
  ) as Record<Name, { shape: number[]; values: Float32Array }>;
  type Tensors = Record<Name, Tensor>;

  const { base, scale, bias } = values;
  const plain = reference(values.x, values.weight, depth, bias);
  const scaled = reference(values.x, values.weight, depth).map((v, i) => v * scale[i % columns]! + bias[i % columns]!);
  const whole = Float64Array.from(values.weight, (value, at) => {
    const [column, k] = [Math.floor(at / depth), at % depth];
    let sum = value;
    for (let j = 0; j < rank; j++) sum += values.up[column * rank + j]! * values.down[j * depth + k]!;
    return sum;
  });
  /** Rows 2 to 10 of sequences of three tokens, of which the first two use vector 0. */
  const gate = (at: number) => {
    const vector = (2 + Math.floor(at / columns)) % 3 < 2 ? 0 : 1;
    const column = at % columns;
    return values.modulation[5 * columns + column]! + values.timestep[(vector * 6 + 5) * columns + column]!;
  };

  interface Case {
    readonly name: string;
    readonly weight?: (t: Tensors) => Tensor;
    readonly options: (t: Tensors) => Partial<MatmulOptions>;
    readonly expected: Float64Array;
  }
  const CASES: readonly Case[] = [
    {
      name: 'factors, bias, gelu',
      weight: (t) => ({ ...t.weight, scale: t.scale }),
      options: () => ({ activation: 'gelu' }),
      expected: scaled.map((v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))),
    },
    { name: 'silu', options: () => ({ activation: 'silu' }), expected: plain.map(silu) },
    { name: 'another tensor', options: (t) => ({ times: t.base }), expected: plain.map((v, i) => v * base[i]!) },
    { name: 'a residual', options: (t) => ({ addTo: t.base }), expected: plain.map((v, i) => v + base[i]!) },
    {
      name: 'a gated residual',
      options: (t) => ({
        addTo: t.base,
        gate: {
          row: 5,
          modulation: t.modulation,
          timesteps: { vectors: t.timestep, tokens: 3, split: 2, firstRow: 2 },
        },
      }),
      expected: plain.map((v, i) => base[i]! + gate(i) * v),
    },
    {
      name: 'what an adapter has left there, silu',
      weight: (t) => ({ ...t.weight, adapter: { up: t.up, down: t.down } }),
      options: () => ({ activation: 'silu' }),
      expected: reference(values.x, whole, depth, bias).map(silu),
    },
  ];

  test.for(CASES)('with $name', async ({ weight, options, expected }) => {
    const actual = await evaluate({ activation: 'f32' }, inputs, (r, t) => {
      const y = matmul(r, t.x, weight?.(t) ?? t.weight, { label: 'y', bias: t.bias, tuning, ...options(t) });
      expect(kernels(r)).toContain('sum_parts');
      return y;
    });
    expect(relL2(actual, expected)).toBeLessThan(1e-6);
  });

  test('in the columns of its piece, where the weight is in pieces', async () => {
    // 25,600 bytes hold 64 rows of 400 bytes.
    const actual = await evaluate({ activation: 'f32', bindingBytes: 25_600 }, inputs, (r, t) => {
      const y = matmul(r, t.x, t.weight, { label: 'y', bias: t.bias, tuning });
      expect(kernels(r)).toEqual(['matmul', 'sum_parts', 'matmul', 'sum_parts']);
      return y;
    });
    expect(relL2(actual, plain)).toBeLessThan(1e-6);
  });

  test('in half precision, where the adapter has it, rounded once', async (context) => {
    if (!(await testDevice()).device.features.has('shader-f16')) return context.skip();
    const [x, weight] = [rounded(values.x, 'f16'), rounded(values.weight, 'f16')];
    const actual = await evaluate(
      { activation: 'f16' },
      {
        x: { shape: [rows, depth], type: 'f16', values: x },
        weight: { shape: [columns, depth], type: 'f16', values: weight },
      },
      (r, t) => matmul(r, t.x, t.weight, { label: 'y', tuning }),
    );
    expect(relL2(actual, reference(x, weight, depth))).toBeLessThan(5e-4);
  });
});
