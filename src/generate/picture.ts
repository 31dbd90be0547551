/**
 * A given picture → the first frame, as Wan2.2's image-to-video prepares it:
 * resize until the frame is covered (Lanczos), crop the middle, bytes → [−1, 1].
 * Alpha is left out, not laid on a colour: the published code opens with `convert("RGB")`.
 */
import { type Picture, SIZE_STEP } from '../core/clip';
import { AppError } from '../core/errors';
import { resizeLanczos, type Span } from './lanczos';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The picture as the model sees it: as large as the frame, opaque. Throws shape-mismatch for pixels that do not fit its size. */
export function cropPicture(picture: Picture, { width, height }: Size): Picture {
  const { length } = picture.pixels;
  const wanted = picture.width * picture.height * 4;
  if (!(wanted > 0 && length === wanted))
    throw new AppError(
      'shape-mismatch',
      `A picture of ${picture.width} × ${picture.height} has ${wanted} bytes of pixels, ${length} came.`,
    );
  const scale = Math.max(width / picture.width, height / picture.height);
  const span = (size: number, count: number): Span => {
    const resized = roundHalfEven(size * scale);
    return { resized, from: Math.floor((resized - count) / 2), count };
  };
  return resizeLanczos(picture, span(picture.width, width), span(picture.height, height));
}

/** The model's first frame: (3, height, width) in [−1, 1], of `cropPicture`'s result. */
export function firstFrame({ width, height, pixels }: Picture): Float32Array<ArrayBuffer> {
  const area = width * height;
  const values = new Float32Array(3 * area);
  // Each operation rounds to float32, as torchvision's to_tensor().sub_(0.5).div_(0.5) does.
  const levels = Float32Array.from({ length: 256 }, (_, byte) => Math.fround(Math.fround(byte / 255) - 0.5) / 0.5);
  for (let i = 0; i < area; i++)
    for (let channel = 0; channel < 3; channel++) values[channel * area + i] = levels[pixels[4 * i + channel]!]!;
  return values;
}

/**
 * The frame for a picture: at most `mostPixels`, sides in steps of 32, its shape kept as well as these allow
 * (`best_output_size` of Wan2.2's utils: one side rounded down first, or the other). Throws input-invalid where a side
 * would be less than one step.
 */
export function bestSize({ width, height }: Size, mostPixels: number): Size {
  const ratio = width / height;
  const idealWidth = Math.sqrt(mostPixels * ratio);
  const down = (length: number) => Math.floor(length / SIZE_STEP) * SIZE_STEP;
  const widthFirst = down(idealWidth);
  const heightFirst = down(mostPixels / idealWidth);
  const candidates = [
    { width: down(mostPixels / heightFirst), height: heightFirst },
    { width: widthFirst, height: down(mostPixels / widthFirst) },
  ].filter((size) => size.width > 0 && size.height > 0);
  const error = (size: Size) => Math.max((ratio * size.height) / size.width, size.width / size.height / ratio);
  const [first, second] = candidates;
  if (!first)
    throw new AppError(
      'input-invalid',
      `A picture of ${width} × ${height} has no like frame of at most ${mostPixels} pixels with sides of ${SIZE_STEP} or more. Crop it.`,
    );
  return second && error(second) < error(first) ? second : first;
}

/** As Python's `round`. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  return x - below === 0.5 ? below + (below % 2) : Math.round(x);
}
