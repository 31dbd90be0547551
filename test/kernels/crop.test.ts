import { describe, expect, test } from 'vitest';
import { record } from '../../src/gpu/program';
import { externalTensor } from '../../src/gpu/tensor';
import { crop } from '../../src/kernels/crop';
import { evaluate } from '../support/evaluate';
import { noise } from '../support/gpu';

describe('crop', () => {
  test.for([
    { shape: [1, 4, 5, 4], top: 0, left: 0, height: 1, width: 1 },
    { shape: [3, 5, 7, 12], top: 2, left: 3, height: 3, width: 2 },
    { shape: [2, 9, 11, 24], top: 1, left: 0, height: 8, width: 11 },
    { shape: [2, 9, 11, 24], top: 0, left: 5, height: 9, width: 5 },
  ])('matches the definition for $height × $width of $shape from $top, $left', async (given) => {
    const { shape, top, left, height, width } = given;
    const [frames = 0, rows = 0, columns = 0, channels = 0] = shape;
    const values = noise(frames * rows * columns * channels, 1);
    const expected: number[] = [];
    for (let t = 0; t < frames; t++)
      for (let y = top; y < top + height; y++)
        for (let x = left; x < left + width; x++)
          for (let c = 0; c < channels; c++) expected.push(values[((t * rows + y) * columns + x) * channels + c]!);
    const actual = await evaluate({ activation: 'f32' }, { x: { shape, values } }, (r, { x }) =>
      crop(r, x, { label: 'crop', top, left, height, width }),
    );
    expect(Array.from(actual)).toEqual(expected);
  });

  const x = externalTensor('x', [2, 3, 4, 8], 'f32');
  const recorded = (top: number, left: number, height: number, width: number) =>
    record('crop', { activation: 'f32' }, (r) => crop(r, x, { label: 'crop', top, left, height, width }));

  test('of everything is the tensor itself', () => {
    const { program, result } = recorded(0, 0, 3, 4);
    expect(result).toBe(x);
    expect(program.commands).toEqual([]);
  });

  test.for([
    [-1, 0, 2, 2],
    [0, -1, 2, 2],
    [2, 0, 2, 2],
    [0, 3, 2, 2],
    [0, 0, 0, 4],
    [0, 0, 3, 0],
  ] as const)('refuses what is not inside: %d, %d, %d, %d', ([top, left, height, width]) => {
    expect(() => recorded(top, left, height, width)).toThrow(/must be inside/);
  });
});
