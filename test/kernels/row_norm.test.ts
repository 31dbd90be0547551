import { describe, expect, test } from 'vitest';
import { ROW_VARIANTS } from '../../src/kernels/row';
import { rowNorm } from '../../src/kernels/row_norm';
import { evaluate } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

const epsilon = 1e-6;

/** (x − mean) / deviation, in double precision; without the mean for the RMS norm. */
function normalised(x: Float32Array, rows: number, channels: number, centre: boolean) {
  const y = new Float64Array(x.length);
  for (let row = 0; row < rows; row++) {
    const values = Array.from(x.subarray(row * channels, (row + 1) * channels));
    const mean = centre ? values.reduce((sum, v) => sum + v, 0) / channels : 0;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / channels;
    values.forEach((v, c) => (y[row * channels + c] = (v - mean) / Math.sqrt(variance + epsilon)));
  }
  return y;
}

describe('row_norm', () => {
  // A single vec4, a width no workgroup divides, the model's width; the mean is far from zero.
  test.for([
    { rows: 3, channels: 4 },
    { rows: 6, channels: 132 },
    { rows: 2, channels: 3072 },
  ])('matches the definition for ($rows, $channels), every style and tuning', async ({ rows, channels }) => {
    const x = noise(rows * channels, 1).map((v) => v + 10);
    const weight = noise(channels, 2);
    const bias = noise(channels, 3);
    const modulation = noise(6 * channels, 4);
    const timestep = noise(2 * 6 * channels, 5);
    const inputs = {
      x: { shape: [rows, channels], values: x },
      weight: { shape: [channels], values: weight },
      bias: { shape: [channels], values: bias },
      modulation: { shape: [6, channels], values: modulation },
      timestep: { shape: [2, 6, channels], values: timestep },
    };
    const centred = normalised(x, rows, channels, true);
    for (const tuning of ROW_VARIANTS) {
      const options = { label: 'y', epsilon, tuning };
      const rms = await evaluate({ activation: 'f32' }, inputs, (r, t) =>
        rowNorm(r, t.x, { kind: 'rms', weight: t.weight }, options),
      );
      expect(
        relL2(
          rms,
          normalised(x, rows, channels, false).map((v, i) => v * weight[i % channels]!),
        ),
      ).toBeLessThan(2e-6);
      const affine = await evaluate({ activation: 'f32' }, inputs, (r, t) =>
        rowNorm(r, t.x, { kind: 'affine', weight: t.weight, bias: t.bias }, options),
      );
      expect(
        relL2(
          affine,
          centred.map((v, i) => v * weight[i % channels]! + bias[i % channels]!),
        ),
      ).toBeLessThan(4e-6);
      const modulated = await evaluate({ activation: 'f32' }, inputs, (r, t) =>
        rowNorm(
          r,
          t.x,
          {
            kind: 'modulated',
            modulation: t.modulation,
            timesteps: { vectors: t.timestep, tokens: 3, split: 1 },
            shift: 3,
            scale: 4,
          },
          options,
        ),
      );
      const of = (i: number, which: number) =>
        modulation[which * channels + (i % channels)]! +
        timestep[((Math.floor(i / channels) % 3 < 1 ? 0 : 1) * 6 + which) * channels + (i % channels)]!;
      expect(
        relL2(
          modulated,
          centred.map((v, i) => v * (1 + of(i, 4)) + of(i, 3)),
        ),
      ).toBeLessThan(4e-6);
    }
  });

  test('lets the two rows of the head share one row of the timestep', async () => {
    const [rows, channels] = [2, 8];
    const x = noise(16, 1);
    const modulation = noise(16, 2);
    const timestep = noise(8, 3);
    const actual = await evaluate(
      { activation: 'f32' },
      {
        x: { shape: [rows, channels], values: x },
        modulation: { shape: [2, channels], values: modulation },
        timestep: { shape: [1, 1, channels], values: timestep },
      },
      (r, t) =>
        rowNorm(
          r,
          t.x,
          {
            kind: 'modulated',
            modulation: t.modulation,
            timesteps: { vectors: t.timestep, tokens: 2, split: 2 },
            shift: 0,
            scale: 1,
          },
          { label: 'y', epsilon },
        ),
    );
    const expected = normalised(x, rows, channels, true).map(
      (v, i) =>
        v * (1 + modulation[channels + (i % channels)]! + timestep[i % channels]!) +
        modulation[i % channels]! +
        timestep[i % channels]!,
    );
    expect(relL2(actual, expected)).toBeLessThan(2e-6);
  });
});
