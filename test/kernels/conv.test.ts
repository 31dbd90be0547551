import { describe, expect, test } from 'vitest';
import { type ConvOptions, conv } from '../../src/kernels/conv';
import { convWindow } from '../../src/kernels/conv_window';
import { affordable, evaluate, rounded, testDevice } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';
import { DIRECT_TILES, GPU_TILES, ONE_OF_EACH } from '../support/tiles';

interface Case {
  readonly name: string;
  /** Frames of the past, present frames, height, width. */
  readonly size: readonly [number, number, number, number];
  readonly channels: number;
  readonly columns: number;
  readonly taps: readonly [number, number, number];
  readonly options?: Omit<ConvOptions, 'label' | 'bias'>;
}

/** The definition: taps slide over past and present frames; around the pixels are zeros. In double precision. */
function reference(
  x: Float32Array,
  weight: Float32Array,
  bias: Float32Array,
  { size, channels, columns, taps, options }: Case,
) {
  const [past, present, height, width] = size;
  const [tapFrames, tapRows, tapColumns] = taps;
  const stepFrame = options?.stride === 'time' ? 2 : 1;
  const step = options?.stride === 'space' ? 2 : 1;
  const before = step === 2 || tapRows === 1 ? 0 : 1; // strided convolutions are padded right and below only
  const halves = options?.columnFrames ?? 1;
  const frames = Math.floor((past + present - tapFrames) / stepFrame) + 1;
  const y: number[] = [];
  for (let frame = 0; frame < frames; frame++)
    for (let half = 0; half < halves; half++)
      for (let row = 0; row < height / step; row++)
        for (let column = 0; column < width / step; column++)
          for (let out = (half * columns) / halves; out < ((half + 1) * columns) / halves; out++) {
            let sum = bias[out]!;
            for (let a = 0; a < tapFrames; a++)
              for (let b = 0; b < tapRows; b++)
                for (let c = 0; c < tapColumns; c++) {
                  const [f, v, u] = [frame * stepFrame + a, row * step + b - before, column * step + c - before];
                  if (v < 0 || v >= height || u < 0 || u >= width) continue;
                  for (let i = 0; i < channels; i++)
                    sum +=
                      x[((f * height + v) * width + u) * channels + i]! *
                      weight[(((out * tapFrames + a) * tapRows + b) * tapColumns + c) * channels + i]!;
                }
            y.push(sum);
          }
  return y;
}

// Odd sizes, less than a tile and several tiles each way, channels that no round of depth divides.
const CASES: readonly Case[] = [
  { name: 'causal, two frames of past', size: [2, 3, 5, 7], channels: 20, columns: 36, taps: [3, 3, 3] },
  { name: 'causal, one pixel', size: [2, 1, 1, 1], channels: 4, columns: 4, taps: [3, 3, 3] },
  { name: 'causal, several tiles', size: [2, 2, 9, 11], channels: 12, columns: 132, taps: [3, 3, 3] },
  { name: 'of a frame and the one before', size: [1, 2, 5, 3], channels: 12, columns: 20, taps: [2, 3, 3] },
  { name: 'along time', size: [2, 3, 3, 5], channels: 8, columns: 20, taps: [3, 1, 1] },
  {
    name: 'along time into twice the frames',
    size: [2, 3, 3, 5],
    channels: 8,
    columns: 24,
    taps: [3, 1, 1],
    options: { columnFrames: 2 },
  },
  {
    name: 'every second frame',
    size: [1, 4, 3, 5],
    channels: 8,
    columns: 12,
    taps: [3, 1, 1],
    options: { stride: 'time' },
  },
  { name: 'of each frame', size: [0, 2, 6, 5], channels: 16, columns: 8, taps: [1, 3, 3] },
  {
    name: 'every second pixel',
    size: [0, 3, 6, 10],
    channels: 8,
    columns: 20,
    taps: [1, 3, 3],
    options: { stride: 'space' },
  },
  { name: 'of each pixel', size: [0, 1, 3, 3], channels: 40, columns: 12, taps: [1, 1, 1] },
];

const inputsOf = (
  { size: [past, present, height, width], channels, columns, taps }: Case,
  type: 'f32' | 'f16' | 'bf16',
) => {
  const frame = height * width * channels;
  return {
    frame,
    x: noise((past + present) * frame, 1),
    weight: rounded(noise(columns * taps[0] * taps[1] * taps[2] * channels, 2), type),
    bias: noise(columns, 3),
  };
};

/** The whole input as present frames: the past is laid out in the same way, which conv_window.test.ts shows. */
async function run(
  given: Case,
  type: 'f32' | 'f16' | 'bf16',
  options: Partial<ConvOptions>,
  activation: 'f32' | 'f16' = 'f32',
) {
  const {
    size: [past, present, height, width],
    channels,
    columns,
    taps,
  } = given;
  const { x, weight, bias } = inputsOf(given, type);
  return evaluate(
    { activation },
    {
      x: { shape: [past + present, height, width, channels], type: activation, values: x },
      weight: { shape: [columns, ...taps, channels], type, values: weight },
      bias: { shape: [columns], values: bias },
    },
    (r, t) => {
      const window = convWindow(r, t.x, { label: 'x', border: taps[1] > 1 ? 1 : 0 });
      return conv(r, window, t.weight, { label: 'y', bias: t.bias, ...given.options, ...options });
    },
  );
}

describe('conv', () => {
  test.for(CASES)('matches the definition $name, every tuning and weight type', async (given) => {
    for (const type of ['f32', 'f16', 'bf16'] as const) {
      const { x, weight, bias } = inputsOf(given, type);
      const expected = reference(x, weight, bias, given);
      for (const tuning of type === 'bf16'
        ? [...(given === CASES[0] ? await affordable(GPU_TILES) : GPU_TILES.slice(1, 2)), ...DIRECT_TILES.slice(0, 2)]
        : ONE_OF_EACH.slice(1))
        expect(relL2(await run(given, type, { tuning }), expected)).toBeLessThan(1e-6);
    }
  });

  test('matches the definition with half-precision activations where the adapter has them', async (context) => {
    const { device } = await testDevice();
    if (!device.features.has('shader-f16')) return context.skip();
    const given = CASES[0]!;
    const { x, weight, bias } = inputsOf(given, 'f16');
    const expected = reference(rounded(x, 'f16'), weight, bias, given);
    // One tuning of each form: compiling them for half precision takes llvmpipe long.
    for (const tuning of ONE_OF_EACH)
      expect(relL2(await run(given, 'f16', { tuning }, 'f16'), expected)).toBeLessThan(1e-3);
  });

  test.for([1, 2])('matches the definition for four phases of %i frames: upsampling and 3×3 in one', async (frames) => {
    const [height, width, channels, columns] = [3, 5, 8, 12];
    const x = noise(frames * height * width * channels, 1);
    const phases = noise(4 * columns * 4 * channels, 2);
    const bias = noise(columns, 3);
    // Phase (py, px) makes the pixels (2y + py, 2x + px) from the rows y − 1 + py and below, the columns likewise.
    const expected: number[] = [];
    for (let frame = 0; frame < frames; frame++)
      for (let row = 0; row < 2 * height; row++)
        for (let column = 0; column < 2 * width; column++)
          for (let out = 0; out < columns; out++) {
            const [py, px] = [row % 2, column % 2];
            let sum = bias[out]!;
            for (let b = 0; b < 2; b++)
              for (let c = 0; c < 2; c++) {
                const [v, u] = [(row - py) / 2 - 1 + py + b, (column - px) / 2 - 1 + px + c];
                if (v < 0 || v >= height || u < 0 || u >= width) continue;
                for (let i = 0; i < channels; i++)
                  sum +=
                    x[((frame * height + v) * width + u) * channels + i]! *
                    phases[((((py * 2 + px) * columns + out) * 2 + b) * 2 + c) * channels + i]!;
              }
            expected.push(sum);
          }
    for (const tuning of ONE_OF_EACH) {
      const actual = await evaluate(
        { activation: 'f32' },
        {
          x: { shape: [frames, height, width, channels], values: x },
          phases: { shape: [2, 2, columns, 2, 2, channels], values: phases },
          bias: { shape: [columns], values: bias },
        },
        (r, t) =>
          conv(r, convWindow(r, t.x, { label: 'x', border: 1 }), t.phases, { label: 'y', bias: t.bias, tuning }),
      );
      expect(relL2(actual, expected)).toBeLessThan(1e-6);
    }
  });

  const relu = (value: number) => Math.max(0, value);

  test('matches the definition with ReLU after a residual, in each form', async () => {
    const given = CASES[0]!;
    const { x, weight, bias } = inputsOf(given, 'f32');
    const sums = reference(x, weight, bias, given);
    const base = noise(sums.length, 4).map((value) => 20 * value); // about as large as the sums
    const [past, present, height, width] = given.size;
    for (const tuning of ONE_OF_EACH) {
      const actual = await evaluate(
        { activation: 'f32' },
        {
          x: { shape: [past + present, height, width, given.channels], values: x },
          weight: { shape: [given.columns, ...given.taps, given.channels], values: weight },
          bias: { shape: [given.columns], values: bias },
          base: { shape: [present, height, width, given.columns], values: base },
        },
        (r, t) => {
          const window = convWindow(r, t.x, { label: 'x', border: 1 });
          return conv(r, window, t.weight, { label: 'y', bias: t.bias, addTo: t.base, activation: 'relu', tuning });
        },
      );
      const expected = sums.map((sum, i) => relu(sum + base[i]!));
      expect(relL2(actual, expected)).toBeLessThan(1e-6);
    }
  });

  // The form that compiles quickly on the adapters here.
  const onCpu = { activation: 'f32', software: true } as const;
  const given: Case = { name: 'first frame', size: [2, 1, 3, 5], channels: 8, columns: 12, taps: [3, 3, 3] };
  const { x, weight, bias, frame } = inputsOf(given, 'f32');
  const present = x.subarray(2 * frame);
  const alone = reference(Float32Array.of(...new Float32Array(2 * frame), ...present), weight, bias, given);
  const inputs = {
    x: { shape: [1, 3, 5, 8], values: present },
    weight: { shape: [12, 3, 3, 3, 8], values: weight },
    bias: { shape: [12], values: bias },
    base: { shape: [1, 3, 5, 12], values: noise(180, 4) },
  };

  test.for([true, false])('gives a first frame the same numbers with skipZeros %s', async (skipZeros) => {
    const actual = await evaluate(onCpu, inputs, (r, t) =>
      conv(r, convWindow(r, t.x, { label: 'x', border: 1, past: 2 }), t.weight, {
        label: 'y',
        bias: t.bias,
        skipZeros,
      }),
    );
    expect(relL2(actual, alone)).toBeLessThan(1e-6);
  });

  test.for(['addTo', 'plus'] as const)('adds to a residual: %s', async (way) => {
    const actual = await evaluate(onCpu, inputs, (r, t) => {
      const window = convWindow(r, t.x, { label: 'x', border: 1, past: 2 });
      return conv(r, window, t.weight, { label: 'y', bias: t.bias, [way]: t.base });
    });
    const expected = alone.map((value, i) => value + inputs.base.values[i]!);
    expect(relL2(actual, expected)).toBeLessThan(1e-6);
  });

  test.for(['bias', 'plus'] as const)('matches the definition with ReLU and %s alone', async (way) => {
    const actual = await evaluate(onCpu, inputs, (r, t) => {
      const window = convWindow(r, t.x, { label: 'x', border: 1, past: 2 });
      const added = way === 'bias' ? { bias: t.bias } : { plus: t.base };
      return conv(r, window, t.weight, { label: 'y', activation: 'relu', ...added });
    });
    const expected = alone.map((value, i) =>
      relu(way === 'bias' ? value : value - bias[i % 12]! + inputs.base.values[i]!),
    );
    expect(relL2(actual, expected)).toBeLessThan(1e-6);
  });

  test('keeps what is not a number through ReLU', async () => {
    const broken = { ...inputs, bias: { shape: [12], values: new Float32Array(12).fill(Number.NaN) } };
    const actual = await evaluate(onCpu, broken, (r, t) => {
      const window = convWindow(r, t.x, { label: 'x', border: 1, past: 2 });
      return conv(r, window, t.weight, { label: 'y', bias: t.bias, activation: 'relu' });
    });
    expect(actual.every(Number.isNaN)).toBe(true);
  });

  test('makes some of the output channels', async () => {
    const actual = await evaluate(onCpu, inputs, (r, t) => {
      const window = convWindow(r, t.x, { label: 'x', border: 1, past: 2 });
      return conv(r, window, t.weight, { label: 'y', bias: t.bias, columns: { start: 4, count: 8 } });
    });
    expect(
      relL2(
        actual,
        alone.filter((_, i) => i % 12 >= 4),
      ),
    ).toBeLessThan(1e-6);
  });

  test('refuses channels that differ, with both numbers', async () => {
    await expect(
      evaluate(onCpu, inputs, (r, t) =>
        conv(r, convWindow(r, t.base, { label: 'x', border: 1, past: 2 }), t.weight, { label: 'y', bias: t.bias }),
      ),
    ).rejects.toMatchObject({ code: 'shape-mismatch', message: expect.stringContaining('12 channels') });
  });
});
