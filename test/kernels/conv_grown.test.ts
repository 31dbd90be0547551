/** A convolution to which a shortcut is added that grows to its shape, as the video decoder's upsampling stages have it. */
import { describe, expect, test } from 'vitest';
import { conv } from '../../src/kernels/conv';
import { convWindow } from '../../src/kernels/conv_window';
import { evaluate } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';
import { ONE_OF_EACH } from '../support/tiles';

const [HEIGHT, WIDTH, CHANNELS] = [3, 5, 4];

/** repeat_interleave over channels, then (out, a, b, c) × (t, y, x) → (t a, y b, x c), as the published code does it. */
function grow(x: Float32Array, t: number, inputs: number, outputs: number, factor: number): Float64Array {
  const repeats = (outputs * factor * 4) / inputs;
  const grown = new Float64Array(t * factor * HEIGHT * 2 * WIDTH * 2 * outputs);
  for (let repeated = 0; repeated < inputs * repeats; repeated++) {
    const c = repeated % 2;
    const b = (repeated >> 1) % 2;
    const a = (repeated >> 2) % factor;
    const out = Math.floor(repeated / (4 * factor));
    for (let f = 0; f < t; f++)
      for (let v = 0; v < HEIGHT; v++)
        for (let u = 0; u < WIDTH; u++)
          grown[(((f * factor + a) * HEIGHT * 2 + v * 2 + b) * WIDTH * 2 + u * 2 + c) * outputs + out] =
            x[((f * HEIGHT + v) * WIDTH + u) * inputs + Math.floor(repeated / repeats)]!;
  }
  return grown;
}

describe('conv', () => {
  // The channel ratios of the decoder's stages: 1:1 and 2:1, with growth in time and without.
  test.for([
    { t: 2, inputs: 8, outputs: 8, time: true, first: false },
    { t: 1, inputs: 8, outputs: 8, time: true, first: true },
    { t: 3, inputs: 24, outputs: 12, time: false, first: false },
    { t: 1, inputs: 24, outputs: 12, time: true, first: true },
  ])('adds a shortcut grown from $inputs to $outputs channels, time $time, first $first', async (given) => {
    const { t, inputs, outputs, time, first } = given;
    const factor = time ? 2 : 1;
    const frames = t * factor - (time && first ? 1 : 0);
    const shortcut = noise(t * HEIGHT * WIDTH * inputs, 1);
    const main = noise(frames * HEIGHT * 2 * WIDTH * 2 * CHANNELS, 2);
    const weight = noise(outputs * CHANNELS, 3);
    const grown = grow(shortcut, t, inputs, outputs, factor);
    const expected = grown.slice(grown.length - frames * HEIGHT * 2 * WIDTH * 2 * outputs);
    expected.forEach((_, at) => {
      const [pixel, out] = [Math.floor(at / outputs), at % outputs];
      for (let c = 0; c < CHANNELS; c++) expected[at]! += main[pixel * CHANNELS + c]! * weight[out * CHANNELS + c]!;
    });
    for (const tuning of ONE_OF_EACH) {
      const actual = await evaluate(
        { activation: 'f32' },
        {
          shortcut: { shape: [t, HEIGHT, WIDTH, inputs], values: shortcut },
          main: { shape: [frames, HEIGHT * 2, WIDTH * 2, CHANNELS], values: main },
          weight: { shape: [outputs, 1, 1, 1, CHANNELS], values: weight },
        },
        (r, tensors) => {
          const window = convWindow(r, tensors.main, { label: 'window', border: 0 });
          return conv(r, window, tensors.weight, { label: 'up', grown: { x: tensors.shortcut, time, first }, tuning });
        },
      );
      expect(relL2(actual, expected)).toBeLessThan(1e-6);
    }
  });

  test('refuses a shortcut that does not grow to the result, with both shapes', async () => {
    const run = (shape: readonly number[]) =>
      evaluate(
        { activation: 'f32' },
        {
          shortcut: {
            shape,
            values: noise(
              shape.reduce((product, size) => product * size),
              1,
            ),
          },
          main: { shape: [2, 6, 10, 4], values: noise(480, 2) },
          weight: { shape: [8, 1, 1, 1, 4], values: noise(32, 3) },
        },
        (r, t) =>
          conv(r, convWindow(r, t.main, { label: 'window', border: 0 }), t.weight, {
            label: 'up',
            grown: { x: t.shortcut, time: true, first: false },
          }),
      );
    await expect(run([1, 3, 4, 8])).rejects.toThrow(/\[2,6,8,8\].*\[2,6,10,8\]/);
    await expect(run([1, 3, 5, 12])).rejects.toThrow('12 channels of f32 cannot grow to 8 of f32');
  });
});
