/**
 * A picture on this machine's disk, as pixels: PNG or JPEG, told by its first bytes. The browser decodes pictures itself.
 * JPEGs are turned upright by their EXIF orientation, as every browser does; Wan2.2's own script takes them as they lie.
 */
import { readFile, stat } from 'node:fs/promises';
import { type DecodedPng, decode as decodePng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';
import type { Picture } from '../core/clip';
import { AppError } from '../core/errors';
import { jpegHeader, jpegParts, MOST_SEGMENTS } from '../core/jpeg_header';
import { pngSize } from '../core/picture_size';
import { pixelChunks } from './png_chunks';

/** Beyond these a decoder takes gigabytes, for a frame of less than 2 megapixels. A phone's camera makes 50 million. */
const MOST_PIXELS = 2 ** 26;
const MOST_BYTES = 2 ** 28;
/** Four for each of the most pixels: of 16 bits and four channels they take twice that, and the decoder holds them three times. */
const MOST_UNPACKED_BYTES = 4 * MOST_PIXELS;
/** A block of 8 × 8 pixels takes a bit at least. Without this a hundred bytes could take the memory of 64 megapixels. */
const JPEG_PIXELS_A_BYTE = 8 * 64;
/** Deflate makes 258 bytes of two bits at best. */
const PNG_BYTES_A_BYTE = 1032;
/** By the colour type of PNG. */
const PNG_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** The decoder takes memory for each before it finds that there are more than it knows colours of. */
const MOST_COMPONENTS = 4;
/** Progressive files have some ten, and a small picture has one. Each may go over all pixels and takes a few bytes. */
const MOST_SCANS = 32;
/** Of all scans: a progressive file of a camera's 50 megapixels has ten, and small pictures beside. Each takes some 10 ns. */
const MOST_SCANNED_PIXELS = 6e8;
/** What the decoder holds of a pixel with four components of full size: coefficients of four bytes, lines, and the result. */
const JPEG_BYTES_A_PIXEL = 32;
/** For narrow ones: rows are filled up to whole blocks. */
const JPEG_MARGIN_BYTES = 64e6;

/** Of `pictureOf`. Throws input-invalid for what cannot be opened or is too large, and what that throws. */
export const readPicture = async (path: string): Promise<Picture> => pictureOf(await readBytes(path), path);

/**
 * Opaque: alpha is left out, as in Wan2.2. `path` is for messages. Throws input-invalid for what is no picture or too large,
 * file-invalid for a broken one.
 */
export function pictureOf(bytes: Uint8Array, path: string): Picture {
  const read = FORMATS.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte))?.read;
  if (!read)
    throw new AppError('input-invalid', `${path} is neither PNG nor JPEG${nameOf(bytes)}. Convert it to one of them.`);
  try {
    return read(bytes, path);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('file-invalid', `${path} is broken: ${(cause as Error).message}. Save it again.`, { cause });
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw tooLarge(path, `${size} bytes`, `${MOST_BYTES} bytes`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError('input-invalid', `The picture ${path} cannot be opened (${code}).`, { cause });
  }
}

const FORMATS = [
  { magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], read: readPng },
  { magic: [0xff, 0xd8], read: readJpeg },
];

/** For the message: what else it is. */
function nameOf(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  const [, name] =
    [
      [/^GIF8/, 'GIF'],
      [/^BM/, 'BMP'],
      [/^RIFF.{4}WEBP/s, 'WebP'],
      [/^.{4}ftypavif/s, 'AVIF'],
      [/^.{4}ftyp(heic|heix|mif1)/s, 'HEIC'],
      [/^(II\*\0|MM\0\*)/, 'TIFF'],
    ].find(([pattern]) => (pattern as RegExp).test(start)) ?? [];
  return name ? ` but ${name}` : '';
}

const tooLarge = (path: string, is: string, most: string) =>
  new AppError('input-invalid', `The picture ${path} has ${is}; at most ${most} are read. Make it smaller.`);

function checkSize(path: string, width: number, height: number): void {
  if (width * height > MOST_PIXELS) throw tooLarge(path, `${width} × ${height} pixels`, `${MOST_PIXELS} pixels`);
}

function readPng(bytes: Uint8Array, path: string): Picture {
  if (bytes.length < 33) throw new Error('it ends within its header');
  const { width, height } = pngSize(bytes)!;
  checkSize(path, width, height);
  const [depth, channels, interlaced] = [bytes[24]!, PNG_CHANNELS[bytes[25]!] ?? 1, bytes[28] !== 0];
  const unpackedBytes = (width * height * depth * channels) / 8;
  if (unpackedBytes > MOST_UNPACKED_BYTES)
    throw new AppError(
      'input-invalid',
      `The picture ${path} has ${width} × ${height} pixels of ${channels} × ${depth} bits, ${unpackedBytes} bytes; at most ${MOST_UNPACKED_BYTES} bytes are unpacked. Save it with 8 bits a channel, or make it smaller.`,
    );
  if (unpackedBytes > bytes.length * PNG_BYTES_A_BYTE)
    throw new Error(`its ${bytes.length} bytes cannot hold ${width} × ${height} pixels`);
  if (interlaced && depth < 8)
    // fast-png reads these wrong
    throw new AppError(
      'input-invalid',
      `${path} is interlaced with ${depth} bits a pixel. Save it without interlacing.`,
    );
  return pngPixels(decodePng(pixelChunks(bytes), { checkCrc: true }));
}

/** Of 16 bits the upper 8. */
function pngPixels({ width, height, depth, channels, data, palette }: DecodedPng): Picture {
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  const perRow = depth < 8 ? Math.ceil((width * depth) / 8) : width * channels;
  const sample = (row: number, i: number): number => {
    if (depth === 16) return data[row * perRow + i]! >> 8;
    if (depth === 8) return data[row * perRow + i]!;
    const bit = i * depth;
    return (data[row * perRow + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  };
  const greyScale = depth < 8 ? 255 / (2 ** depth - 1) : 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4;
      const first = sample(y, x * channels);
      const colour = palette?.[first];
      if (palette && !colour) throw new Error(`it uses colour ${first} of a palette of ${palette.length}`);
      for (let c = 0; c < 3; c++)
        pixels[to + c] = colour?.[c] ?? (channels < 3 ? first * greyScale : sample(y, x * channels + c));
    }
  }
  return { width, height, pixels };
}

function readJpeg(bytes: Uint8Array, path: string): Picture {
  const header = jpegHeader(bytes);
  if (!header?.width || !header.height)
    throw new Error(`it does not tell its size in its first ${MOST_SEGMENTS} segments`);
  checkSize(path, header.width, header.height);
  if (header.width * header.height > bytes.length * JPEG_PIXELS_A_BYTE)
    throw new Error(`its ${bytes.length} bytes cannot hold ${header.width} × ${header.height} pixels`);
  if (header.components > MOST_COMPONENTS)
    throw new Error(`it has ${header.components} components a pixel, at most ${MOST_COMPONENTS} are read`);
  const pixels = header.width * header.height;
  const { segments, frames, scans, end } = jpegParts(bytes);
  if (segments > MOST_SEGMENTS) throw new Error(`it has ${segments} segments, at most ${MOST_SEGMENTS} are read`);
  if (frames !== 1) throw new Error(`it has ${frames} sizes, not one`);
  if (scans > MOST_SCANS) throw new Error(`it has ${scans} scans, at most ${MOST_SCANS} are read`);
  if (scans * pixels > MOST_SCANNED_PIXELS)
    throw tooLarge(path, `${scans} scans of ${pixels} pixels`, `${MOST_SCANNED_PIXELS} pixels in all scans`);
  // No further than was looked at.
  const { width, height, data } = decodeJpeg(bytes.subarray(0, end), {
    useTArray: true,
    tolerantDecoding: false,
    ...(header.isRgb && { colorTransform: false }),
    // A second size, in which it would believe, may not be larger. Half a pixel: in millions the count is rounded.
    maxResolutionInMP: (pixels + 0.5) / 1e6,
    maxMemoryUsageInMB: (pixels * JPEG_BYTES_A_PIXEL + JPEG_MARGIN_BYTES) / 2 ** 20,
  });
  return upright({ width, height, pixels: new Uint8ClampedArray(data.buffer as ArrayBuffer) }, header.orientation);
}

/** EXIF's orientations: 2 to 4 mirror and turn by half, 5 to 8 change rows and columns first. */
function upright(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture;
  const turned = orientation >= 5;
  const mirrored = [2, 3, 7, 8].includes(orientation);
  const flipped = [3, 4, 6, 7].includes(orientation);
  const [width, height] = turned ? [picture.height, picture.width] : [picture.width, picture.height];
  const from = new Uint32Array(picture.pixels.buffer);
  const to = new Uint32Array(from.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = turned ? [y, x] : [x, y];
      const source = (flipped ? picture.height - 1 - row : row) * picture.width;
      to[y * width + x] = from[source + (mirrored ? picture.width - 1 - column : column)]!;
    }
  }
  return { width, height, pixels: new Uint8ClampedArray(to.buffer) };
}
