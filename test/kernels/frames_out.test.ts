import { expect, test } from 'vitest';
import { framesOut } from '../../src/kernels/frames_out';
import { evaluate } from '../support/evaluate';
import { noise } from '../support/gpu';

test.for([
  [1, 2, 2],
  [4, 6, 10],
])('frames_out matches the definition for %s', async ([T = 0, H = 0, W = 0]) => {
  const patches = noise(3 * T * H * W, 1);
  const actual = await evaluate(
    { activation: 'f32' },
    { patches: { shape: [T, H / 2, W / 2, 12], values: patches } },
    (r, t) => {
      const frames = r.tensor('frames', [3, T, H, W], 'f32');
      framesOut(r, t.patches, frames);
      return frames;
    },
  );
  const expected = new Float32Array(patches.length);
  let at = 0;
  for (let t = 0; t < T; t++)
    for (let y = 0; y < H; y += 2)
      for (let x = 0; x < W; x += 2)
        for (let c = 0; c < 3; c++)
          for (let column = 0; column < 2; column++)
            for (let row = 0; row < 2; row++)
              expected[((c * T + t) * H + y + row) * W + x + column] = Math.min(1, Math.max(-1, patches[at++]!));
  expect(Array.from(actual)).toEqual(Array.from(expected));
});
