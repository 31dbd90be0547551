import { describe, expect, test } from 'vitest';
import { framePixels } from '../../src/generate/frame_pixels';
import { type LinearProjection, linearPreview } from '../../src/generate/linear_preview';
import { seededRandom } from '../support/mutations';

describe('frames as pixels', () => {
  test('are cut off to whole numbers, as published', () => {
    // torch.tensor(v).clamp(-1, 1).add(1).div(2).mul(255).to(torch.uint8)
    const cases: readonly [value: number, pixel: number][] = [
      [-1, 0],
      [-2, 0],
      [1, 255],
      [3, 255],
      [0, 127],
      [0.999, 254],
      [-0.9922, 0],
      [-0.9921, 1],
      [0.5, 191],
    ];
    const values = Float32Array.from([...cases, ...cases, ...cases].map(([value]) => value));
    const { pixels } = framePixels({
      values,
      firstFrame: 0,
      frameCount: 1,
      x: 0,
      y: 0,
      width: cases.length,
      height: 1,
    });
    expect([...pixels]).toEqual(cases.flatMap(([, pixel]) => [pixel, pixel, pixel, 255]));
  });

  test('keep their place, and the order of frames, rows and colours', () => {
    const place = { firstFrame: 5, frameCount: 2, x: 32, y: 16, width: 3, height: 2 };
    const size = 12;
    const values = Float32Array.from({ length: 3 * size }, (_, i) => -1 + (2 * i + 1) / 255);
    const { pixels, ...rest } = framePixels({ values, ...place });
    expect(rest).toEqual(place);
    expect([...pixels]).toEqual(Array.from({ length: size }, (_, i) => [i, size + i, 2 * size + i, 255]).flat());
  });
});

test.for([Number.NaN, Number.POSITIVE_INFINITY])('%d is no colour', (value) => {
  const values = new Float32Array(3 * 4 * 2).fill(0);
  values[21] = value;
  const place = { firstFrame: 5, frameCount: 2, x: 0, y: 0, width: 2, height: 2 };
  expect(() => framePixels({ values, ...place })).toThrow('Frame 5');
});

test('a preview is the weighted sum of the channels, clamped', () => {
  const shape = [5, 3, 2, 7] as const;
  const size = 3 * 2 * 7;
  const random = seededRandom(1);
  const x0 = Float32Array.from({ length: 5 * size }, () => random(4001) / 1000 - 2);
  const numbers = Array.from({ length: 15 }, () => random(4001) / 1000 - 2);
  const colour = (row: number) => [0, 1, 2].map((c) => numbers[3 * row + c]! / 4) as [number, number, number];
  const projection: LinearProjection = { weights: [0, 1, 2, 3, 4].map(colour), bias: [0.5, -0.25, 0] };
  const preview = linearPreview(projection, x0, shape, 9);
  expect(preview).toMatchObject({ step: 9, width: 7, height: 2, frameCount: 3, rough: true });
  for (let i = 0; i < size; i++)
    for (let c = 0; c < 3; c++) {
      const sum = projection.weights.reduce<number>(
        (total, weight, k) => total + weight[c]! * x0[k * size + i]!,
        projection.bias[c]!,
      );
      expect(Math.abs(preview.pixels[4 * i + c]! - 127.5 * (1 + Math.min(1, Math.max(-1, sum))))).toBeLessThanOrEqual(
        0.5 + 1e-9,
      );
    }
});
