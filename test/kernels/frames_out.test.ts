import { expect, test } from 'vitest';
import { framesOut, TINY_PATCHES, VAE_PATCHES } from '../../src/kernels/frames_out';
import { evaluate } from '../support/evaluate';
import { noise } from '../support/gpu';

const SIZES = [
  [1, 2, 2],
  [4, 6, 10],
] as const;
const FORMS = { VAE_PATCHES, TINY_PATCHES };

test.for(SIZES.flatMap((size) => (['VAE_PATCHES', 'TINY_PATCHES'] as const).map((form) => ({ size, form }))))(
  'frames_out matches the definition for $size, $form',
  async ({ size: [T, H, W], form }) => {
    const patches = noise(3 * T * H * W, 1);
    patches[5] = Number.NaN; // stays one: framePixels refuses it
    const actual = await evaluate(
      { activation: 'f32' },
      { patches: { shape: [T, H / 2, W / 2, 12], values: patches } },
      (r, t) => {
        const frames = r.tensor('frames', [3, T, H, W], 'f32');
        framesOut(r, t.patches, frames, FORMS[form]);
        return frames;
      },
    );
    const { order, range } = FORMS[form];
    const [black, white] = range;
    const expected = new Float32Array(patches.length);
    let at = 0;
    for (let t = 0; t < T; t++)
      for (let y = 0; y < H; y += 2)
        for (let x = 0; x < W; x += 2)
          for (let c = 0; c < 3; c++)
            for (let first = 0; first < 2; first++)
              for (let second = 0; second < 2; second++) {
                const [row, column] = order === 'row-column' ? [first, second] : [second, first];
                const value = Math.min(white, Math.max(black, patches[at++]!));
                expected[((c * T + t) * H + y + row) * W + x + column] = (2 * (value - black)) / (white - black) - 1;
              }
    expect(Array.from(actual)).toEqual(Array.from(expected));
  },
);
