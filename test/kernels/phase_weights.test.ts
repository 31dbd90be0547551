import { describe, expect, test } from 'vitest';
import { phaseWeights } from '../../src/kernels/phase_weights';
import { evaluate, rounded } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

/** Stored taps that meet the same pixel, by phase and tap. */
const MERGED = [
  [[0], [1, 2]],
  [[0, 1], [2]],
];

const SHAPES = [
  { columns: 1, channels: 4 },
  { columns: 7, channels: 12 },
  { columns: 5, channels: 132 },
];

function run(stored: Float32Array, columns: number, channels: number, type: 'f32' | 'f16' | 'bf16') {
  return evaluate(
    { activation: 'f32' },
    { stored: { shape: [columns, channels, 3, 3], type, values: stored } },
    (r, t) => {
      const into = r.tensor('phases', [2, 2, columns, 2, 2, channels], 'f32');
      phaseWeights(r, t.stored, into, 'phases');
      return into;
    },
  );
}

describe('phase_weights', () => {
  test.for(SHAPES)('matches the definition for ($columns, $channels), every type', async ({ columns, channels }) => {
    for (const type of ['f32', 'f16', 'bf16'] as const) {
      const stored = rounded(noise(columns * channels * 9, 1), type);
      const expected: number[] = [];
      for (const py of [0, 1])
        for (const px of [0, 1])
          for (let o = 0; o < columns; o++)
            for (const dy of [0, 1])
              for (const dx of [0, 1])
                for (let c = 0; c < channels; c++) {
                  let sum = 0;
                  for (const row of MERGED[py]![dy]!)
                    for (const column of MERGED[px]![dx]!) sum += stored[((o * channels + c) * 3 + row) * 3 + column]!;
                  expected.push(sum);
                }
      expect(relL2(await run(stored, columns, channels, type), expected)).toBeLessThan(1e-6);
    }
  });

  test('equals upsampling followed by the 3×3 convolution', async () => {
    const [columns, channels, height, width] = [3, 8, 3, 5];
    const stored = noise(columns * channels * 9, 1);
    const x = noise(height * width * channels, 2);
    const pixel = (y: number, column: number, c: number) =>
      y < 0 || y >= height || column < 0 || column >= width ? 0 : x[(y * width + column) * channels + c]!;
    const phases = await run(stored, columns, channels, 'f32');

    const direct: number[] = [];
    const phased: number[] = [];
    for (let Y = 0; Y < 2 * height; Y++)
      for (let X = 0; X < 2 * width; X++)
        for (let o = 0; o < columns; o++) {
          let sum = 0;
          for (let i = 0; i < 3; i++)
            for (let j = 0; j < 3; j++)
              for (let c = 0; c < channels; c++)
                sum +=
                  stored[((o * channels + c) * 3 + i) * 3 + j]! *
                  pixel(Math.floor((Y + i - 1) / 2), Math.floor((X + j - 1) / 2), c);
          direct.push(sum);
          sum = 0;
          const [py, px] = [Y % 2, X % 2];
          for (const dy of [0, 1])
            for (const dx of [0, 1])
              for (let c = 0; c < channels; c++)
                sum +=
                  phases[((((py * 2 + px) * columns + o) * 2 + dy) * 2 + dx) * channels + c]! *
                  pixel((Y - py) / 2 + py - 1 + dy, (X - px) / 2 + px - 1 + dx, c);
          phased.push(sum);
        }
    expect(relL2(phased, direct)).toBeLessThan(1e-6);
  });
});
