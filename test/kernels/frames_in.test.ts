import { expect, test } from 'vitest';
import { framesIn } from '../../src/kernels/frames_in';
import { evaluate } from '../support/evaluate';
import { noise } from '../support/gpu';

test.for([
  [1, 2, 2, 0, 1],
  [5, 6, 10, 1, 4],
])('frames_in matches the definition for %s', async ([T = 0, H = 0, W = 0, first = 0, count = 0]) => {
  const frames = noise(3 * T * H * W, 1);
  const actual = await evaluate({ activation: 'f32' }, { frames: { shape: [3, T, H, W], values: frames } }, (r, t) =>
    framesIn(r, t.frames, first, count),
  );
  const expected: number[] = [];
  for (let t = 0; t < count; t++)
    for (let y = 0; y < H; y += 2)
      for (let x = 0; x < W; x += 2)
        for (let c = 0; c < 3; c++)
          for (let column = 0; column < 2; column++)
            for (let row = 0; row < 2; row++)
              expected.push(frames[((c * T + first + t) * H + y + row) * W + x + column]!);
  expect(Array.from(actual)).toEqual(expected);
});
