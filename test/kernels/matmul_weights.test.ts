/** The product with weights in every stored type, with factors for rows, and in pieces. */
import { describe, expect, test } from 'vitest';
import { externalTensor, type Tensor } from '../../src/gpu/tensor';
import { matmul } from '../../src/kernels/matmul';
import { WEIGHT_FORMATS, type WeightType } from '../../src/weights/weight_types';
import { affordable, evaluate, isLlvmpipe, testDevice, testLanes } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';
import { storedWeights, WEIGHT_TYPES } from '../support/stored_weights';
import { GPU_TILES, ONE_OF_EACH } from '../support/tiles';

/** The definition: factor[column] · Σ_k x[row, k] · weight[column, k] + bias[column], in double precision. */
function reference(x: Float32Array, weight: Float32Array, depth: number, factors?: Float32Array, bias?: Float32Array) {
  const [rows, columns] = [x.length / depth, weight.length / depth];
  const y = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) sum += x[row * depth + k]! * weight[column * depth + k]!;
      y[row * columns + column] = (factors?.[column] ?? 1) * sum + (bias?.[column] ?? 0);
    }
  return y;
}

/** One row, less than a tile, several tiles each way; odd numbers of blocks. */
function shapesOf(type: WeightType) {
  const { elements } = WEIGHT_FORMATS[type];
  const depth = elements === 1 ? 20 : elements;
  return [
    { rows: 1, columns: 4, depth },
    { rows: 5, columns: 36, depth: 3 * depth },
    { rows: 70, columns: 132, depth: elements === 256 ? 256 : 5 * depth },
    { rows: 130, columns: 68, depth: elements === 256 ? 768 : 7 * depth },
  ];
}

/** The others than those whose every tiling matmul.test.ts goes through. */
const OTHER_TYPES = WEIGHT_TYPES.filter((type) => !['f32', 'f16', 'bf16'].includes(type));
/** llvmpipe takes seconds to compile a product for a type: there, one of each size of block (gather.test.ts has all). */
const TYPES = (await isLlvmpipe())
  ? OTHER_TYPES.filter((type) => ['f8_e4m3', 'q4_0', 'q4_k'].includes(type))
  : OTHER_TYPES;

describe('matmul', () => {
  test.for(TYPES)('matches the definition with weights of %s, tiled and direct', async (type) => {
    for (const { rows, columns, depth } of shapesOf(type)) {
      const x = noise(rows * depth, 1);
      const weight = storedWeights(type, columns * depth, 2);
      const expected = reference(x, weight.values, depth);
      for (const tuning of ONE_OF_EACH) {
        const actual = await evaluate(
          { activation: 'f32' },
          {
            x: { shape: [rows, depth], values: x },
            weight: { shape: [columns, depth], type, bytes: weight.bytes },
          },
          (r, t) => matmul(r, t.x, t.weight, { label: 'y', tuning }),
        );
        expect(relL2(actual, expected), `${rows} × ${columns} × ${depth}`).toBeLessThan(1e-6);
      }
    }
  });

  test('decodes blocks in every tiling', async () => {
    const [rows, columns, depth] = [70, 132, 160];
    const x = noise(rows * depth, 1);
    const weight = storedWeights('q5_0', columns * depth, 2);
    const expected = reference(x, weight.values, depth);
    for (const tuning of await affordable(GPU_TILES.slice(0, 2))) {
      const actual = await evaluate(
        { activation: 'f32' },
        {
          x: { shape: [rows, depth], values: x },
          weight: { shape: [columns, depth], type: 'q5_0', bytes: weight.bytes },
        },
        (r, t) => matmul(r, t.x, t.weight, { label: 'y', tuning }),
      );
      expect(relL2(actual, expected)).toBeLessThan(1e-6);
    }
  });

  test('decodes blocks beside half-precision activations where the adapter has them', async (context) => {
    const { device } = await testDevice();
    if (!device.features.has('shader-f16')) return context.skip();
    const [rows, columns, depth] = [70, 132, 256];
    const x = storedWeights('f16', rows * depth, 1);
    const weight = storedWeights('q4_k', columns * depth, 2);
    const expected = reference(x.values, weight.values, depth);
    for (const tuning of ONE_OF_EACH) {
      const actual = await evaluate(
        { activation: 'f16' },
        {
          x: { shape: [rows, depth], type: 'f16', bytes: x.bytes },
          weight: { shape: [columns, depth], type: 'q4_k', bytes: weight.bytes },
        },
        (r, t) => matmul(r, t.x, t.weight, { label: 'y', tuning, type: 'f32' }),
      );
      expect(relL2(actual, expected)).toBeLessThan(5e-4); // decoded weights are staged in half precision
    }
  });
});

test('a software adapter unpacks blocks first where rows are many, a piece at a time, and decodes as it goes where few', async () => {
  const [columns, depth] = [328, 96];
  const weight = storedWeights('q8_0', columns * depth, 2);
  const factors = noise(columns, 4);
  // 64 KiB hold 170 rows of f32: cuts fall on 128.
  for (const [rows, names] of [
    [130, ['unpack', 'matmul', 'unpack', 'matmul', 'unpack', 'matmul']],
    [127, ['matmul']],
  ] as const) {
    const x = noise(rows * depth, 1);
    const options = { activation: 'f32', software: true, lanes: await testLanes(), bindingBytes: 65536 } as const;
    const actual = await evaluate(
      options,
      {
        x: { shape: [rows, depth], values: x },
        weight: { shape: [columns, depth], type: 'q8_0', bytes: weight.bytes },
        factors: { shape: [columns], values: factors },
      },
      (r, t) => {
        const y = matmul(r, t.x, { ...t.weight, scale: t.factors }, { label: 'y' });
        expect(r.commands.map((command) => command.kind === 'dispatch' && command.shader.name)).toEqual(names);
        return y;
      },
    );
    expect(relL2(actual, reference(x, weight.values, depth, factors))).toBeLessThan(1e-6);
  }
});

describe('matmul of a scaled or divided weight', () => {
  const [rows, columns, depth] = [9, 328, 96];
  const x = noise(rows * depth, 1);
  const bias = noise(columns, 3);
  const factors = noise(columns, 4);
  const types = ['f8_e4m3', 'q8_0'] as const;
  const stored = {
    f8_e4m3: storedWeights('f8_e4m3', columns * depth, 2),
    q8_0: storedWeights('q8_0', columns * depth, 2),
  };
  const common = {
    x: { shape: [rows, depth], values: x },
    bias: { shape: [columns], values: bias },
    factors: { shape: [columns], values: factors },
  };
  const whole = (type: (typeof types)[number]) => ({
    ...common,
    weight: { shape: [columns, depth], type, bytes: stored[type].bytes },
  });
  /** Row ranges with memory of their own, at multiples of four and of nothing else. */
  const STARTS = [0, 36, 40, 140];
  const pieces = (type: (typeof types)[number]) => {
    const rowBytes = stored[type].bytes.length / columns;
    return STARTS.map((start, i) => {
      const end = STARTS[i + 1] ?? columns;
      const bytes = stored[type].bytes.slice(start * rowBytes, end * rowBytes);
      return { shape: [end - start, depth], type, bytes };
    });
  };
  const divided = (type: WeightType, parts: readonly Tensor[]): Tensor => ({
    ...externalTensor('divided', [columns, depth], type),
    tiles: parts.map((part, i) => ({ part, start: STARTS[i]! })),
  });

  test.for(types)('multiplies sums by the factor of the row, then adds the bias: %s', async (type) => {
    for (const tuning of ONE_OF_EACH) {
      const actual = await evaluate({ activation: 'f32' }, whole(type), (r, t) =>
        matmul(r, t.x, { ...t.weight, scale: t.factors }, { label: 'y', bias: t.bias, tuning }),
      );
      expect(relL2(actual, reference(x, stored[type].values, depth, factors, bias))).toBeLessThan(1e-6);
    }
  });

  test.for(types)('applies factors to pieces by their place in the whole: %s', async (type) => {
    const [a, b, c, d] = pieces(type);
    let dispatches = 0;
    const actual = await evaluate(
      { activation: 'f32', software: true },
      { ...common, a: a!, b: b!, c: c!, d: d! },
      (r, t) => {
        const weight = { ...divided(type, [t.a, t.b, t.c, t.d]), scale: t.factors };
        const y = matmul(r, t.x, weight, { label: 'y', bias: t.bias });
        dispatches = r.commands.length;
        return y;
      },
    );
    expect(dispatches).toBe(4);
    expect(relL2(actual, reference(x, stored[type].values, depth, factors, bias))).toBeLessThan(1e-6);
  });

  // 16 KiB hold 170 rows of fp8 and 160 of q8_0: cuts fall on 128, as q8_0's rows of 102 bytes demand.
  test.for(types)('cuts a matrix that exceeds a binding, where offsets are allowed: %s', async (type) => {
    const starts: number[] = [];
    const actual = await evaluate({ activation: 'f32', software: true, bindingBytes: 16384 }, whole(type), (r, t) => {
      const y = matmul(r, t.x, { ...t.weight, scale: t.factors }, { label: 'y', bias: t.bias });
      for (const command of r.commands)
        if (command.kind === 'dispatch')
          starts.push(command.bindings[2]!.offsetBytes / (stored[type].bytes.length / columns));
      return y;
    });
    expect(starts).toEqual([0, 128, 256]);
    expect(relL2(actual, reference(x, stored[type].values, depth, factors, bias))).toBeLessThan(1e-6);
  });

  test('cuts pieces that exceed a binding', async () => {
    const [a, b, c, d] = pieces('q8_0');
    const offsets: number[] = [];
    const actual = await evaluate(
      { activation: 'f32', software: true, bindingBytes: 16384 },
      { ...common, a: a!, b: b!, c: c!, d: d! },
      (r, t) => {
        const y = matmul(r, t.x, divided('q8_0', [t.a, t.b, t.c, t.d]), { label: 'y' });
        for (const command of r.commands) if (command.kind === 'dispatch') offsets.push(command.params[4]!);
        return y;
      },
    );
    expect(offsets).toEqual([0, 36, 40, 140, 268]);
    expect(relL2(actual, reference(x, stored.q8_0.values, depth))).toBeLessThan(1e-6);
  });

  test('refuses what cannot be bound or stored, with both numbers', async () => {
    const run = (build: (t: Record<'x' | 'weight' | 'factors', Tensor>) => Tensor, bindingBytes = 1 << 27) =>
      evaluate({ activation: 'f32', software: true, bindingBytes }, whole('q8_0'), (r, t) =>
        matmul(r, t.x, build(t), { label: 'y' }),
      );
    await expect(run((t) => t.weight, 8192)).rejects.toThrow(/128 rows of 102 bytes are 13056 bytes.*8192/);
    await expect(run((t) => ({ ...t.weight, type: 'q4_k' }))).rejects.toThrow(/rows of 96.*q4_k.*blocks of 256/);
    await expect(run((t) => ({ ...t.weight, tiles: [{ part: t.weight, start: 4 }] }))).rejects.toThrow(/row 4.*at 0/);
    await expect(
      run((t) => ({ ...t.weight, shape: [332, 96], tiles: [{ part: t.weight, start: 0 }] })),
    ).rejects.toThrow(/332 rows, its pieces 328/);
    await expect(run((t) => ({ ...t.weight, scale: { ...t.factors, shape: [324] } }))).rejects.toThrow(/324.*328/);
  });
});
