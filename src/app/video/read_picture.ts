/** A picture's file as pixels, by whatever formats the browser knows. */
import type { Picture } from '../../../workers/engine_api';
import { AppError } from '../../core/errors';

/** Four bytes each are held more than once: in the page, on the way, and in the worker. */
const MOST_PIXELS = 48e6;

/** Turned as the camera says. Throws file-invalid for what is no picture, or too large a one. */
export async function readPicture(file: File): Promise<Picture> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { premultiplyAlpha: 'none', colorSpaceConversion: 'default' });
  } catch (cause) {
    throw new AppError(
      'file-invalid',
      `${file.name} (${file.type || 'no type'}) is no picture this browser can read. Choose a PNG, JPEG or WebP file.`,
      { cause },
    );
  }
  const { width, height } = bitmap;
  try {
    if (width * height > MOST_PIXELS)
      throw new AppError(
        'file-invalid',
        `${file.name} has ${width} × ${height} pixels, and at most ${MOST_PIXELS} are read. Choose a smaller picture.`,
      );
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    context.drawImage(bitmap, 0, 0);
    return { width, height, pixels: context.getImageData(0, 0, width, height).data as Picture['pixels'] };
  } finally {
    bitmap.close();
  }
}
