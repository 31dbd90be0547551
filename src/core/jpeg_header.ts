/** What a JPEG file tells before its pixels: its size, how it was held when it was taken, and what its numbers mean. */

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** EXIF's, 1 to 8; 1 where none is told. From 5 on, width and height change places when it is set upright. */
  readonly orientation: number;
  /** Red, green and blue as they are, not luma and two differences. */
  readonly isRgb: boolean;
  /** Of each pixel: 1 for grey, 3 for colours, 4 for inks. */
  readonly components: number;
}

/** Cameras write some ten before the size, and profiles of a megabyte some twenty. */
export const MOST_SEGMENTS = 10_000;

/** Null where the bytes are no JPEG, end before they tell the size, or have more than `MOST_SEGMENTS` before it. */
export function jpegHeader(bytes: Uint8Array): JpegHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation = 1;
  let isJfif = false;
  let transform: number | null = null;
  for (let at = 2, read = 0; at + 4 <= bytes.length && read < MOST_SEGMENTS; read++) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++; // a fill byte
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (isFrame(marker)) {
      if (at + 9 > bytes.length) return null;
      const ids = [0, 1, 2].map((i) => bytes[at + 10 + 3 * i] ?? 0);
      // In libjpeg's order, which all browsers go by.
      const saysRgb = transform === null ? String.fromCharCode(...ids) === 'RGB' : transform === 0;
      const components = bytes[at + 9] ?? 0;
      const isRgb = components === 3 && !isJfif && saysRgb;
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5), orientation, isRgb, components };
    }
    const segment = bytes.subarray(at + 4, end);
    if (marker === APP0 && begins(segment, JFIF)) isJfif = true;
    if (marker === APP1) orientation = exifOrientation(segment) ?? orientation;
    if (marker === APP14 && begins(segment, ADOBE)) transform = segment[TRANSFORM_AT] ?? null;
    at = end;
  }
  return null;
}

export interface JpegParts {
  readonly segments: number;
  /** Each with a size of its own; a picture has one. */
  readonly frames: number;
  /** How often pixels may begin, between its size and its end. */
  readonly scans: number;
  /** In bytes, with its end's own mark. What phones append, a film of seconds above all, is not of the picture. */
  readonly end: number;
}

export function jpegParts(bytes: Uint8Array): JpegParts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [segments, frames, begin, end, at] = [0, 0, bytes.length, bytes.length, 2];
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff || !isSegment(marker)) {
      if (bytes[at] === 0xff && marker === END) break;
      at++; // pixels, and what fills
      continue;
    }
    segments++;
    if (isFrame(marker) && ++frames === 1) begin = at;
    at += 2 + view.getUint16(at + 2);
  }
  if (bytes[at] === 0xff && bytes[at + 1] === END) end = at + 2;
  let scans = 0;
  // Not by the segments: a decoder may see others. Before the size there are profiles and thumbnails, which it leaves.
  for (let i = begin; i + 1 < end; i++) if (bytes[i] === 0xff && bytes[i + 1] === SCAN) scans++;
  return { segments, frames, scans, end };
}

const [END, SCAN] = [0xd9, 0xda];
/** With a length after it: neither within pixels, nor a start or an end. */
const isSegment = (marker: number) => marker >= 0xc0 && marker <= 0xfe && !(marker >= 0xd0 && marker <= END);
const [APP0, APP1, APP14] = [0xe0, 0xe1, 0xee];

const JFIF = 'JFIF\0';
/** Adobe's technical note 5116: the twelfth byte says how colours were changed before they were stored. */
const ADOBE = 'Adobe';
const TRANSFORM_AT = 11;

const begins = (segment: Uint8Array, text: string) => String.fromCharCode(...segment.subarray(0, text.length)) === text;

/** SOF0 to SOF15, without the three of the row that mean something else (DHT, JPG, DAC). */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

const EXIF = 'Exif\0\0';
const ORIENTATION = 0x0112;
const ENTRY_BYTES = 12;

/** Of the first directory of the TIFF file inside an APP1 segment; null where there is none, or it is none of the eight. */
function exifOrientation(segment: Uint8Array): number | null {
  if (!begins(segment, EXIF)) return null;
  const tiff = new DataView(segment.buffer, segment.byteOffset + EXIF.length, segment.byteLength - EXIF.length);
  if (tiff.byteLength < 8) return null;
  const little = tiff.getUint16(0) === 0x4949;
  const first = tiff.getUint32(4, little) + 2;
  if (first > tiff.byteLength) return null;
  const count = tiff.getUint16(first - 2, little);
  for (let at = first; at < first + count * ENTRY_BYTES && at + ENTRY_BYTES <= tiff.byteLength; at += ENTRY_BYTES) {
    if (tiff.getUint16(at, little) !== ORIENTATION) continue;
    const value = tiff.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : null;
  }
  return null;
}
