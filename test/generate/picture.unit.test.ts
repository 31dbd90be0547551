import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Picture } from '../../src/core/clip';
import { resizeLanczos } from '../../src/generate/lanczos';
import { bestSize, cropPicture, firstFrame } from '../../src/generate/picture';

interface Case {
  readonly picture: [number, number];
  readonly size: [number, number];
  /** Base64 of RGB. */
  readonly rgb: string;
}
const { cases, sizes } = JSON.parse(readFileSync(new URL('../golden/wan-picture.json', import.meta.url), 'utf8')) as {
  cases: Case[];
  sizes: [number, number, number, number, number][];
};

/** The golden's picture, half transparent: alpha must not matter. */
function pattern([width, height]: readonly [number, number]): Picture {
  const pixels = new Uint8ClampedArray(width * height * 4).fill(128);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        pixels[(y * width + x) * 4 + c] = (3 * x * x + 5 * y * y + x * y * (c + 1) + 40 * c) & 255;
  return { width, height, pixels };
}

const colours = ({ pixels }: Picture) => pixels.filter((_, i) => i % 4 !== 3);
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce((most, value) => (value <= most ? most : value), 0);

test.for(cases)('$picture becomes $size as in Pillow', ({ picture, size: [width, height], rgb }) => {
  const cropped = cropPicture(pattern(picture), { width, height });
  const expected = Buffer.from(rgb, 'base64');
  expect([cropped.width, cropped.height, colours(cropped).length]).toEqual([width, height, expected.length]);
  expect(largest(colours(cropped), expected)).toBeLessThanOrEqual(1);
  expect(new Set(cropped.pixels.filter((_, i) => i % 4 === 3))).toEqual(new Set([255]));
});

test.for(sizes)('%d × %d within %d pixels is %d × %d', ([width, height, most, bestWidth, bestHeight]) => {
  expect(bestSize({ width, height }, most)).toEqual({ width: bestWidth, height: bestHeight });
});

/** The definition, in double precision, over all inputs; bytes between the axes, because Pillow stores them so. */
function resizedByDefinition({ width, height, pixels }: Picture, toWidth: number, toHeight: number): number[] {
  const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  const kernel = (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0);
  const filter = (size: number, to: number, i: number, value: (k: number) => number) => {
    const stretch = Math.max(1, size / to);
    let sum = 0;
    let weights = 0;
    for (let k = 0; k < size; k++) {
      const weight = kernel((k + 0.5 - ((i + 0.5) * size) / to) / stretch);
      sum += weight * value(k);
      weights += weight;
    }
    return Math.min(255, Math.max(0, Math.round(sum / weights)));
  };
  const result: number[] = [];
  const at = (x: number, y: number, c: number) => pixels[(y * width + x) * 4 + c]!;
  const across = Array.from({ length: height }, (_, y) =>
    Array.from({ length: toWidth }, (_, x) => [0, 1, 2].map((c) => filter(width, toWidth, x, (k) => at(k, y, c)))),
  );
  for (let y = 0; y < toHeight; y++)
    for (let x = 0; x < toWidth; x++)
      for (let c = 0; c < 3; c++) result.push(filter(height, toHeight, y, (k) => across[k]![x]![c]!));
  return result;
}

test.for([
  [13, 9, 31, 17],
  [40, 30, 7, 11],
  [9, 40, 20, 6],
  [5, 4, 5, 9],
] as const)('%d × %d resized to %d × %d matches the definition', ([width, height, toWidth, toHeight]) => {
  const picture = pattern([width, height]);
  const whole = (resized: number) => ({ resized, from: 0, count: resized });
  const resized = resizeLanczos(picture, whole(toWidth), whole(toHeight));
  expect(largest(colours(resized), resizedByDefinition(picture, toWidth, toHeight))).toBeLessThanOrEqual(1);

  // A part is the same pixels as those of the whole.
  const part = resizeLanczos(
    picture,
    { resized: toWidth, from: 2, count: 3 },
    { resized: toHeight, from: 1, count: 4 },
  );
  for (let y = 0; y < 4; y++) {
    const row = ((y + 1) * toWidth + 2) * 4;
    expect(part.pixels.slice(y * 12, y * 12 + 12)).toEqual(resized.pixels.slice(row, row + 12));
  }
});

describe('the cropped picture', () => {
  test('is the same picture where it has the size already', () => {
    const picture = pattern([64, 32]);
    expect(colours(cropPicture(picture, picture))).toEqual(colours(picture));
  });

  test('is the middle of a wider and of a taller one', () => {
    const bands = (width: number, height: number, of: (x: number, y: number) => number): Picture => ({
      width,
      height,
      pixels: Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
        of((i >> 2) % width, Math.floor((i >> 2) / width)),
      ),
    });
    const size = { width: 32, height: 32 };
    const middle = new Uint8ClampedArray(32 * 32 * 3).fill(200);
    expect(
      colours(
        cropPicture(
          bands(96, 32, (x) => (x >= 32 && x < 64 ? 200 : 0)),
          size,
        ),
      ),
    ).toEqual(middle);
    expect(
      colours(
        cropPicture(
          bands(32, 96, (_, y) => (y >= 32 && y < 64 ? 200 : 0)),
          size,
        ),
      ),
    ).toEqual(middle);
  });

  test('does not need memory for what is cropped away', () => {
    const { pixels } = cropPicture(pattern([4096, 1]), { width: 64, height: 64 }); // 262,144 wide when resized
    expect(pixels.length).toBe(64 * 64 * 4);
  });

  test('of pixels that are too few is refused', () => {
    const pixels = new Uint8ClampedArray(12);
    expect(() => cropPicture({ width: 2, height: 2, pixels }, { width: 32, height: 32 })).toThrow(
      expect.objectContaining({ code: 'shape-mismatch', message: expect.stringMatching(/16 bytes.*12 came/) }),
    );
  });
});

test('the first frame is planes of red, green and blue in [−1, 1]', () => {
  const pixels = Uint8ClampedArray.from([0, 128, 255, 7, 51, 127, 1, 7]);
  const { fround } = Math;
  const expected = [0, 51, 128, 127, 255, 1].map((byte) => fround(fround(fround(byte / 255) - 0.5) / 0.5));
  const values = firstFrame({ width: 2, height: 1, pixels });
  expect([...values]).toEqual(expected);
  expect([values[0], values[4]]).toEqual([-1, 1]);
});

test.for([
  [100_000, 1],
  [1, 100_000],
] as const)('%d × %d has no like frame', ([width, height]) => {
  expect(() => bestSize({ width, height }, 832 * 480)).toThrow(
    expect.objectContaining({ code: 'input-invalid', message: expect.stringContaining(`${width} × ${height}`) }),
  );
});
