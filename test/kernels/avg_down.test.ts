import { describe, expect, test } from 'vitest';
import { avgDown } from '../../src/kernels/avg_down';
import { evaluate } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

describe('avg_down', () => {
  // The encoder's stages: space alone, space and time, a single frame (padded in front), and neither.
  test.for([
    { frames: 2, inputs: 8, outputs: 8, factorTime: 1, factorSpace: 2 },
    { frames: 4, inputs: 8, outputs: 16, factorTime: 2, factorSpace: 2 },
    { frames: 1, inputs: 12, outputs: 12, factorTime: 2, factorSpace: 2 },
    { frames: 2, inputs: 8, outputs: 4, factorTime: 1, factorSpace: 1 },
    { frames: 1, inputs: 8, outputs: 8, factorTime: 1, factorSpace: 1 },
  ])(
    'matches the definition for $inputs → $outputs channels, $frames frames ÷ $factorTime, space ÷ $factorSpace',
    async (given) => {
      const { frames, inputs, outputs, factorTime, factorSpace } = given;
      const [height, width] = [4, 6];
      const x = noise(frames * height * width * inputs, 1);
      const pad = (factorTime - (frames % factorTime)) % factorTime;
      const t = (frames + pad) / factorTime;
      const [y, u] = [height / factorSpace, width / factorSpace];
      const group = (inputs * factorTime * factorSpace ** 2) / outputs;
      const main = noise(t * y * u * outputs, 2);
      // (channel, a, b, c) is the place of (frame, row, column) within its block; `group` places make one channel.
      const expected = Float64Array.from(main);
      for (let frame = 0; frame < frames; frame++)
        for (let row = 0; row < height; row++)
          for (let column = 0; column < width; column++)
            for (let channel = 0; channel < inputs; channel++) {
              const a = (frame + pad) % factorTime;
              const place =
                ((channel * factorTime + a) * factorSpace + (row % factorSpace)) * factorSpace + (column % factorSpace);
              const pixel =
                (Math.floor((frame + pad) / factorTime) * y + Math.floor(row / factorSpace)) * u +
                Math.floor(column / factorSpace);
              expected[pixel * outputs + Math.floor(place / group)]! +=
                x[((frame * height + row) * width + column) * inputs + channel]! / group;
            }
      const actual = await evaluate(
        { activation: 'f32' },
        {
          x: { shape: [frames, height, width, inputs], values: x },
          main: { shape: [t, y, u, outputs], values: main },
        },
        (r, tensors) => {
          avgDown(r, tensors.x, tensors.main, { label: 'down', time: factorTime === 2, space: factorSpace === 2 });
          return tensors.main;
        },
      );
      expect(relL2(actual, expected)).toBeLessThan(1e-6);
    },
  );
});
