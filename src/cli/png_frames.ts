/** A video as numbered PNG files, each with the line of settings in it; a video of one frame is one file. */
import { access, constants, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { encode } from 'fast-png';
import { diskFailure, remove } from './disk_failure';
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
    pattern.replace(/%0?(\d*)d/, (_, digits: string) => String(number).padStart(Number(digits), '0'));

  let written = 0;
  return {
    path: isFile ? pattern : path,
    format: 'png',
    async write(frame) {
      const file = fileOf(++written);
      const colours = frame.filter((_, i) => i % 4 !== 3);
      const png = encode({ width, height, data: colours, channels: 3 });
      await writeFile(file, withComment(png, comment)).catch((cause) => {
        throw diskFailure(file, cause);
      });
    },
    async close() {},
    async discard() {
      for (; written > 0; written--) await remove(fileOf(written));
    },
  };
}

/** `name.png` → `name_%04d.png`, unless it has a place for the number or there is only one. */
function numbered(path: string, frames: number): string {
  if (frames === 1 || /%0?\d*d/.test(path)) return path;
  const extension = extname(path);
  return `${path.slice(0, -extension.length)}_%04d${extension}`;
}

const END_BYTES = 12;

/** Adds an iTXt chunk, which takes any language, before the last one. fast-png writes tEXt only: Latin-1. */
function withComment(png: Uint8Array, comment: string): Uint8Array {
  // Keyword; not compressed; no language, no translated keyword.
  const body = Buffer.from(`iTXtComment\0\0\0\0\0${comment}`);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  const end = png.length - END_BYTES;
  return Buffer.concat([png.subarray(0, end), chunk, png.subarray(end)]);
}
