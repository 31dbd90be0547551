import { expect, test } from 'vitest';
import { unpatchify } from '../../src/kernels/unpatchify';
import { evaluate } from '../support/evaluate';
import { noise } from '../support/gpu';

test.for([
  [4, 1, 2, 2],
  [8, 3, 6, 10],
])('unpatchify matches the definition for %s', async ([channels, frames, height, width]) => {
  const [C, F, H, W] = [channels!, frames!, height!, width!];
  const rows = noise(C * F * H * W, 1);
  const actual = await evaluate(
    { activation: 'f32' },
    { rows: { shape: [(F * H * W) / 4, C * 4], values: rows } },
    (r, t) => {
      const latents = r.tensor('latents', [C, F, H, W], 'f32');
      unpatchify(r, t.rows, latents);
      return latents;
    },
  );
  const expected = new Float32Array(rows.length);
  let at = 0;
  for (let f = 0; f < F; f++)
    for (let y = 0; y < H; y += 2)
      for (let x = 0; x < W; x += 2)
        for (const [p, q] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ] as const)
          for (let c = 0; c < C; c++) expected[((c * F + f) * H + y + p) * W + x + q] = rows[at++]!;
  expect(Array.from(actual)).toEqual(Array.from(expected));
});
