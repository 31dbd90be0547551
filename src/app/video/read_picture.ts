/** A picture's file as pixels: the browser decodes it, once its size is known to be bearable. */
import type { Picture } from '../../../workers/engine_api';
import { AppError } from '../../core/errors';
import { type PictureSize, pictureSize } from '../../core/picture_size';

/** Four bytes each are held more than once: in the page, on the way, and in the worker. */
const MOST_PIXELS = 48e6;
const MOST_BYTES = 2 ** 28;
/** Cameras put profiles, and small pictures, before the size. */
const HEADER_BYTES = 4 * 2 ** 20;

/** Turned as the camera says. Throws file-invalid for what is no picture, or too large a one: before it is decoded. */
export async function readPicture(file: File): Promise<Picture> {
  if (file.size > MOST_BYTES)
    throw new AppError(
      'file-invalid',
      `${file.name} has ${file.size} bytes, and at most ${MOST_BYTES} are read. Choose a smaller picture.`,
    );
  const told = pictureSize(new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer()));
  if (!told) throw unreadable(file);
  checkPixels(file, told);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { premultiplyAlpha: 'none', colorSpaceConversion: 'default' });
  } catch (cause) {
    throw unreadable(file, cause);
  }
  const { width, height } = bitmap;
  try {
    checkPixels(file, bitmap);
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    context.drawImage(bitmap, 0, 0);
    return { width, height, pixels: context.getImageData(0, 0, width, height).data as Picture['pixels'] };
  } finally {
    bitmap.close();
  }
}

const unreadable = ({ name, type }: File, cause?: unknown) =>
  new AppError(
    'file-invalid',
    `${name} (${type || 'no type'}) is no picture this page can read. Choose a PNG, JPEG, WebP or GIF file.`,
    { cause },
  );

function checkPixels({ name }: File, { width, height }: PictureSize): void {
  if (width * height > MOST_PIXELS)
    throw new AppError(
      'file-invalid',
      `${name} has ${width} × ${height} pixels, and at most ${MOST_PIXELS} are read. Choose a smaller picture.`,
    );
}
