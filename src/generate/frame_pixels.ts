/** Decoded frames as pixels, rounded as the published code rounds them. */
import type { FramePixels } from '../core/clip_run';
import { expectFinite } from '../core/deviation';
import type { DecodedFrames } from '../pipeline/clip';

/**
 * (3, count, height, width) in [−1, 1] → RGBA, frame after frame. As `save_video` of Wan2.2's wan/utils/utils.py: clamped,
 * normalised by torchvision's make_grid, times 255, and *cut off* to whole numbers, all in single precision.
 * Throws not-finite.
 */
export function framePixels({ values, ...place }: DecodedFrames): FramePixels {
  expectFinite(`Frame ${place.firstFrame}`, values);
  const { fround } = Math;
  const size = place.frameCount * place.width * place.height;
  const pixels = new Uint8ClampedArray(4 * size).fill(255);
  for (let channel = 0; channel < 3; channel++)
    for (let i = 0; i < size; i++) {
      const clamped = Math.min(1, Math.max(-1, values[channel * size + i]!));
      pixels[4 * i + channel] = Math.trunc(fround((fround(clamped + 1) / 2) * 255));
    }
  return { ...place, pixels };
}
