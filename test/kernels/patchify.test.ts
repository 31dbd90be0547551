import { expect, test } from 'vitest';
import { patchify } from '../../src/kernels/patchify';
import { evaluate } from '../support/evaluate';
import { noise } from '../support/gpu';

test.for([
  [4, 1, 2, 2],
  [8, 3, 6, 10],
])('patchify matches the definition for %s', async ([channels, frames, height, width]) => {
  const [C, F, H, W] = [channels!, frames!, height!, width!];
  const latents = noise(C * F * H * W, 1);
  const actual = await evaluate({ activation: 'f32' }, { latents: { shape: [C, F, H, W], values: latents } }, (r, t) =>
    patchify(r, t.latents),
  );
  const expected: number[] = [];
  for (let f = 0; f < F; f++)
    for (let y = 0; y < H; y += 2)
      for (let x = 0; x < W; x += 2)
        for (let c = 0; c < C; c++)
          for (const [p, q] of [
            [0, 0],
            [0, 1],
            [1, 0],
            [1, 1],
          ] as const)
            expected.push(latents[((c * F + f) * H + y + p) * W + x + q]!);
  expect(Array.from(actual)).toEqual(expected);
});
