import { expect, test } from 'vitest';
import { latentsIn } from '../../src/kernels/latents_in';
import { evaluate } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

test.for([
  [4, 1, 2, 2, 0],
  [8, 3, 6, 10, 2],
])('latents_in matches the definition for %s', async ([C = 0, F = 0, H = 0, W = 0, frame = 0]) => {
  const latents = noise(C * F * H * W, 1);
  const moments = noise(2 * C, 2);
  const actual = await evaluate(
    { activation: 'f32' },
    { latents: { shape: [C, F, H, W], values: latents }, moments: { shape: [2, C], values: moments } },
    (r, t) => latentsIn(r, t.latents, t.moments, frame),
  );
  const expected = Array.from({ length: H * W * C }, (_, i) => {
    const [c, pixel] = [i % C, Math.floor(i / C)];
    return latents[(c * F + frame) * H * W + pixel]! * moments[C + c]! + moments[c]!;
  });
  expect(relL2(actual, expected)).toBeLessThan(1e-6);
});

test.for([
  [4, 1, 1, 1, 0],
  [12, 3, 5, 7, 1],
])('latents_in matches the definition softly clamped for %s', async ([C = 0, F = 0, H = 0, W = 0, frame = 0]) => {
  const latents = noise(C * F * H * W, 1).map((value) => value ** 3); // some of them far above 3
  latents[frame * H * W] = 1e30; // where tanh of some drivers fails
  const actual = await evaluate({ activation: 'f32' }, { latents: { shape: [C, F, H, W], values: latents } }, (r, t) =>
    latentsIn(r, t.latents, 'soft-clamp', frame),
  );
  const expected = Array.from({ length: H * W * C }, (_, i) => {
    const [c, pixel] = [i % C, Math.floor(i / C)];
    return 3 * Math.tanh(latents[(c * F + frame) * H * W + pixel]! / 3);
  });
  expect(relL2(actual, expected)).toBeLessThan(1e-6);
});

test('latents_in keeps what is not a number through the soft clamp', async () => {
  const latents = noise(16, 1);
  latents[5] = Number.NaN;
  const actual = await evaluate({ activation: 'f32' }, { latents: { shape: [4, 1, 2, 2], values: latents } }, (r, t) =>
    latentsIn(r, t.latents, 'soft-clamp', 0),
  );
  // Channel 1, pixel 1: channels come last in the result.
  expect([...actual].flatMap((value, at) => (Number.isNaN(value) ? [at] : []))).toEqual([5]);
});
