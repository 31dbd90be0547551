/** Frames as they come, whole or in rectangles, put together to a clip. */
import type { FramePixels } from '../../core/clip_run';

export interface ClipFrames {
  readonly width: number;
  readonly height: number;
  /** How many there will be. */
  readonly count: number;
  readonly framesPerSecond: number;
  /** RGBA, row by row. Those that have begun to come; the last ones may still lack rectangles. */
  readonly frames: readonly Uint8ClampedArray<ArrayBuffer>[];
  /** Pixels of each that are there. */
  readonly pixelsThere: readonly number[];
}

export function noFrames(size: { width: number; height: number; frames: number }, framesPerSecond: number): ClipFrames {
  const { width, height, frames: count } = size;
  return { width, height, count, framesPerSecond, frames: [], pixelsThere: [] };
}

/** With what has come. Pixels are kept where they are or written in place: a clip can take half a gigabyte. */
export function withPixels(clip: ClipFrames, part: FramePixels): ClipFrames {
  const frames = [...clip.frames];
  const pixelsThere = [...clip.pixelsThere];
  const area = part.width * part.height;
  for (let i = 0; i < part.frameCount; i++) {
    const pixels = part.pixels.subarray(i * area * 4, (i + 1) * area * 4);
    const frame = part.firstFrame + i;
    if (area === clip.width * clip.height) frames[frame] = pixels;
    else copyInto((frames[frame] ??= new Uint8ClampedArray(clip.width * clip.height * 4)), clip.width, part, pixels);
    pixelsThere[frame] = (pixelsThere[frame] ?? 0) + area;
  }
  return { ...clip, frames, pixelsThere };
}

function copyInto(
  frame: Uint8ClampedArray,
  frameWidth: number,
  { x, y, width, height }: FramePixels,
  pixels: Uint8ClampedArray,
): void {
  for (let row = 0; row < height; row++)
    frame.set(pixels.subarray(row * width * 4, (row + 1) * width * 4), ((y + row) * frameWidth + x) * 4);
}

/** No pixel of any frame is missing. */
export const isWhole = ({ width, height, count, frames, pixelsThere }: ClipFrames): boolean =>
  frames.length === count && pixelsThere.every((there) => there >= width * height);
