/**
 * How large a picture is, by the beginning of its file: before it is decoded, for a kilobyte of it may become a gigabyte.
 * PNG (ISO 15948, 11.2.2), JPEG, WebP (RFC 9649) and GIF (89a, 18).
 */
import { jpegHeader } from './jpeg_header';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** As it lies in the file. Null for other formats, and for what ends before it tells its size. */
export function pictureSize(bytes: Uint8Array): PictureSize | null {
  const begins = (text: string, at = 0) => [...text].every((char, i) => bytes[at + i] === char.charCodeAt(0));
  if (begins('\x89PNG\r\n\x1a\n')) return pngSize(bytes);
  if (begins('\xff\xd8')) return jpegHeader(bytes);
  if (begins('GIF8')) return gifSize(bytes);
  if (begins('RIFF') && begins('WEBP', 8) && bytes.length >= 30)
    return webpSize(bytes, String.fromCharCode(bytes[15]!));
  return null;
}

export function pngSize(bytes: Uint8Array): PictureSize | null {
  if (bytes.length < 24) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** By the last letter of its first chunk's name: 'VP8 ', 'VP8L' without loss, or 'VP8X' with more chunks. */
function webpSize(bytes: Uint8Array, kind: string): PictureSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (kind === ' ') return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (kind === 'L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  const bits24 = (at: number) => view.getUint16(at, true) + 65536 * view.getUint8(at + 2);
  return kind === 'X' ? { width: bits24(24) + 1, height: bits24(27) + 1 } : null;
}

function gifSize(bytes: Uint8Array): PictureSize | null {
  if (bytes.length < 10) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}
