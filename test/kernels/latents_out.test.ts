import { expect, test } from 'vitest';
import { latentsOut } from '../../src/kernels/latents_out';
import { evaluate } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

test.for([
  [4, 1, 2, 2, 0],
  [8, 3, 6, 10, 2],
])('latents_out matches the definition for %s', async ([C = 0, F = 0, H = 0, W = 0, frame = 0]) => {
  const pixels = noise(H * W * 2 * C, 1);
  const moments = noise(2 * C, 2).map((value) => Math.abs(value) + 0.5);
  const before = noise(C * F * H * W, 3);
  const actual = await evaluate(
    { activation: 'f32' },
    {
      pixels: { shape: [1, H, W, 2 * C], values: pixels },
      moments: { shape: [2, C], values: moments },
      latents: { shape: [C, F, H, W], values: before },
    },
    (r, t) => {
      latentsOut(r, t.pixels, t.moments, t.latents, frame);
      return t.latents;
    },
  );
  // The other frames stay as they were.
  const expected = before.slice();
  for (let c = 0; c < C; c++)
    for (let pixel = 0; pixel < H * W; pixel++)
      expected[(c * F + frame) * H * W + pixel] = (pixels[pixel * 2 * C + c]! - moments[c]!) / moments[C + c]!;
  expect(relL2(actual, expected)).toBeLessThan(1e-6);
});
