/** A video as numbered PNG files, each with the line of settings in it; a video of one frame is one file. */
import { access, constants, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import { diskFailure, isThere, remove, unfinished } from './disk_failure';
import type { FrameWriter, Video } from './video_file';

/** One that is there, or a path that says so by its end. */
export const isFolder = async (path: string): Promise<boolean> =>
  path.endsWith('/') || ((await stat(path).catch(() => null))?.isDirectory() ?? false);

/** `path` is a folder, which is made where it is missing, or a file's name: see `openVideoFile`. */
export async function openPngFrames(path: string, { width, height, frames, comment }: Video): Promise<FrameWriter> {
  const isFile = extname(path).toLowerCase() === '.png' && !(await isFolder(path));
  const pattern = isFile ? numbered(path, frames) : join(path, numbered('frame.png', Number.POSITIVE_INFINITY));
  try {
    if (!isFile) await mkdir(path, { recursive: true });
    await access(dirname(pattern), constants.W_OK);
  } catch (cause) {
    throw diskFailure(path, cause);
  }
  const fileOf = (number: number) =>
    pattern.replace(NUMBER, (_, digits: string) => String(number).padStart(Number(digits), '0'));

  let written = 0;
  return {
    path: isFile ? pattern : path,
    format: 'png',
    async write(frame) {
      const file = fileOf(++written);
      const png = await encodePng(frame, width, height, comment);
      await writeFile(unfinished(file), png).catch((cause) => {
        throw diskFailure(file, cause);
      });
    },
    async close() {
      for (let number = 1; number <= written; number++) {
        const file = fileOf(number);
        await rename(unfinished(file), file).catch((cause) => {
          throw diskFailure(file, cause);
        });
      }
      // A longer video's that was there would go on where this one ends.
      for (let number = written + 1; isNumbered(pattern) && (await isThere(fileOf(number))); number++)
        await remove(fileOf(number));
    },
    async discard() {
      for (; written > 0; written--) await remove(unfinished(fileOf(written)));
    },
  };
}

const NUMBER = /%0?(\d*)d/;
const isNumbered = (path: string): boolean => NUMBER.test(path);

/** `name.png` → `name_%04d.png`, unless it has a place for the number or there is only one. */
function numbered(path: string, frames: number): string {
  if (frames === 1 || isNumbered(path)) return path;
  const extension = extname(path);
  return `${path.slice(0, -extension.length)}_%04d${extension}`;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const [BITS, COLOUR_TYPE, FILTER_UP] = [8, 2, 2];
const deflated = promisify(deflate);

/** RGBA → the bytes of an RGB file. Off the main thread, where fast-png would hold it for half a second a frame. */
async function encodePng(pixels: Uint8ClampedArray, width: number, height: number, comment: string): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([BITS, COLOUR_TYPE], 8);
  const rowBytes = 1 + 3 * width;
  const rows = Buffer.alloc(height * rowBytes);
  for (let y = 0; y < height; y++) {
    rows[y * rowBytes] = FILTER_UP;
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      const to = y * rowBytes + 1 + 3 * x;
      for (let c = 0; c < 3; c++) rows[to + c] = pixels[from + c]! - (pixels[from + c - 4 * width] ?? 0);
    }
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    // Text of any language: keyword; not compressed; no language, no translated keyword.
    chunk('iTXt', Buffer.from(`Comment\0\0\0\0\0${comment}`)),
    chunk('IDAT', await deflated(rows, { level: 4 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(body.length + 12);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(body, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), body.length + 8);
  return bytes;
}
