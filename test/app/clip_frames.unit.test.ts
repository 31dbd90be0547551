import { describe, expect, test } from 'vitest';
import { isWhole, noFrames, withPixels } from '../../src/app/video/clip_frames';
import type { FramePixels } from '../../src/core/clip_run';

const SIZE = { width: 5, height: 3, frames: 3 };
const empty = noFrames(SIZE, 8);

/** Of every pixel and channel another value, so that nothing can be in the wrong place unseen. */
const valueAt = (frame: number, x: number, y: number, channel: number) =>
  (frame * 61 + y * 29 + x * 7 + channel * 3) % 256;

function part(
  frames: readonly [first: number, count: number],
  x: number,
  y: number,
  width: number,
  height: number,
): FramePixels {
  const [firstFrame, frameCount] = frames;
  const pixels = new Uint8ClampedArray(frameCount * width * height * 4);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = (i >> 2) % (width * height);
    const frame = firstFrame + Math.floor((i >> 2) / (width * height));
    pixels[i] = valueAt(frame, x + (pixel % width), y + Math.floor(pixel / width), i % 4);
  }
  return { firstFrame, frameCount, x, y, width, height, pixels };
}

const expected = (frame: number) => part([frame, 1], 0, 0, SIZE.width, SIZE.height).pixels;

describe('the frames of a clip', () => {
  test('are whole ones as they come', () => {
    const first = withPixels(empty, part([0, 1], 0, 0, 5, 3));
    expect(first.frames).toEqual([expected(0)]);
    expect(isWhole(first)).toBe(false);
    const all = withPixels(first, part([1, 2], 0, 0, 5, 3));
    expect(all.frames).toEqual([0, 1, 2].map(expected));
    expect(isWhole(all)).toBe(true);
    expect(first.frames).toHaveLength(1); // what was told before stays as it was
  });

  test('are put together from rectangles in any order of these', () => {
    const rectangles = [
      [3, 0, 2, 2],
      [0, 2, 5, 1],
      [0, 0, 3, 2],
    ] as const;
    let clip = empty;
    for (const [index, [x, y, width, height]] of rectangles.entries()) {
      expect(isWhole(clip), `before rectangle ${index}`).toBe(false);
      clip = withPixels(withPixels(clip, part([0, 1], x, y, width, height)), part([1, 2], x, y, width, height));
    }
    expect(clip.frames).toEqual([0, 1, 2].map(expected));
    expect(isWhole(clip)).toBe(true);
  });

  test('are not whole while a rectangle of one is missing', () => {
    const top = withPixels(empty, part([0, 3], 0, 0, 5, 2));
    const bottomOfTwo = withPixels(top, part([0, 2], 0, 2, 5, 1));
    expect(bottomOfTwo.frames).toHaveLength(3);
    expect(isWhole(bottomOfTwo)).toBe(false);
  });
});
