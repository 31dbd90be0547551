/** Rectangles of frames, in whatever order a tiled decoder makes them → whole frames, one after another. */
import type { ClipSize, FramePixels } from '../core/clip_run';
import { AppError } from '../core/errors';

export interface WholeFrames {
  add(part: FramePixels): Promise<void>;
  /** Throws shape-mismatch with both numbers where pixels never came. */
  end(): void;
}

/** Frames that wait for their rest are held; without tiles there are none. */
export function wholeFrames(
  { width, height, frames }: ClipSize,
  write: (frame: Uint8ClampedArray<ArrayBuffer>) => Promise<void>,
): WholeFrames {
  const waiting = new Map<number, { pixels: Uint8ClampedArray<ArrayBuffer>; missing: number }>();
  let next = 0;
  return {
    async add({ firstFrame, frameCount, x, y, pixels, ...part }) {
      const rowBytes = 4 * part.width;
      for (let i = 0; i < frameCount; i++) {
        const frame = waiting.get(firstFrame + i) ?? {
          pixels: new Uint8ClampedArray(4 * width * height),
          missing: width * height,
        };
        waiting.set(firstFrame + i, frame);
        for (let row = 0; row < part.height; row++) {
          const from = (i * part.height + row) * rowBytes;
          frame.pixels.set(pixels.subarray(from, from + rowBytes), 4 * ((y + row) * width + x));
        }
        frame.missing -= part.width * part.height;
      }
      for (let frame = waiting.get(next); frame?.missing === 0; frame = waiting.get(next)) {
        waiting.delete(next++);
        await write(frame.pixels);
      }
    },
    end() {
      if (next !== frames || waiting.size > 0)
        throw new AppError('shape-mismatch', `${next} of the video’s ${frames} frames were decoded whole.`);
    },
  };
}
