import { describe, expect, test } from 'vitest';
import { dupUp } from '../../src/kernels/dup_up';
import { evaluate } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

describe('dup_up', () => {
  // The channel ratios of the decoder's stages: 1:1 and 2:1, with growth in time and without.
  test.for([
    { t: 2, inputs: 8, outputs: 8, time: true, first: false },
    { t: 1, inputs: 8, outputs: 8, time: true, first: true },
    { t: 3, inputs: 24, outputs: 12, time: false, first: false },
    { t: 1, inputs: 24, outputs: 12, time: true, first: true },
  ])('matches the definition for $inputs → $outputs channels, time $time, first $first', async (given) => {
    const { t, inputs, outputs, time, first } = given;
    const factor = time ? 2 : 1;
    const [height, width] = [3, 5];
    const x = noise(t * height * width * inputs, 1);
    // repeat_interleave over channels, then (out, a, b, c) × (t, y, x) → (t a, y b, x c), as the published code does it.
    const repeats = (outputs * factor * 4) / inputs;
    const frames = t * factor;
    const grown = new Float64Array(frames * height * 2 * width * 2 * outputs);
    for (let repeated = 0; repeated < inputs * repeats; repeated++) {
      const c = repeated % 2;
      const b = (repeated >> 1) % 2;
      const a = (repeated >> 2) % factor;
      const out = Math.floor(repeated / (4 * factor));
      for (let f = 0; f < t; f++)
        for (let v = 0; v < height; v++)
          for (let u = 0; u < width; u++)
            grown[(((f * factor + a) * height * 2 + v * 2 + b) * width * 2 + u * 2 + c) * outputs + out] =
              x[((f * height + v) * width + u) * inputs + Math.floor(repeated / repeats)]!;
    }
    const kept = first ? frames - (factor - 1) : frames;
    const main = noise(kept * height * 2 * width * 2 * outputs, 2);
    const offset = grown.length - main.length;

    const actual = await evaluate(
      { activation: 'f32' },
      {
        x: { shape: [t, height, width, inputs], values: x },
        main: { shape: [kept, height * 2, width * 2, outputs], values: main },
      },
      (r, tensors) => {
        dupUp(r, tensors.x, tensors.main, { label: 'up', time, first });
        return tensors.main;
      },
    );
    expect(
      relL2(
        actual,
        Float64Array.from(main, (v, i) => v + grown[offset + i]!),
      ),
    ).toBeLessThan(1e-6);
  });
});
