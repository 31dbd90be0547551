/**
 * A video as Y4M: uncompressed, and read by ffmpeg, mpv, x264 and other encoders.
 * 4:4:4 of 8 bits in the limited range. The format does not tell the matrix, so it is the one
 * that players assume for the size: BT.709 from 1280 pixels of width or 577 of height on, else BT.601.
 * The settings lie beside it in `name.y4m.txt`: ffmpeg refuses headers of more than 96 bytes.
 */
import { open, rename, writeFile } from 'node:fs/promises';
import { diskFailure, remove, unfinished } from './disk_failure';
import type { FrameWriter, Video } from './video_file';

export async function openY4m(path: string, { width, height, framesPerSecond, comment }: Video): Promise<FrameWriter> {
  const part = unfinished(path);
  const file = await open(part, 'w').catch((cause) => {
    throw diskFailure(path, cause);
  });
  const append = async (bytes: Uint8Array | string) => {
    await file.writeFile(bytes).catch((cause) => {
      throw diskFailure(path, cause);
    });
  };
  // A rate is a fraction: 24:1, 23976:1000.
  const rate = Number.isInteger(framesPerSecond)
    ? `${framesPerSecond}:1`
    : `${Math.round(framesPerSecond * 1000)}:1000`;
  const matrix = width >= 1280 || height > 576 ? BT709 : BT601;
  const frame = new Uint8ClampedArray(width * height * 3);
  let header = `YUV4MPEG2 W${width} H${height} F${rate} Ip A1:1 C444 XCOLORRANGE=LIMITED\n`;
  return {
    path,
    format: 'y4m',
    async write(pixels) {
      toPlanes(pixels, frame, matrix);
      await append(`${header}FRAME\n`);
      header = '';
      await append(new Uint8Array(frame.buffer));
    },
    async close() {
      try {
        await file.close();
        await rename(part, path);
        await writeFile(`${path}.txt`, `${comment}\n`);
      } catch (cause) {
        throw diskFailure(path, cause);
      }
    },
    async discard() {
      await file.close().catch(() => {}); // it may be closed already
      await remove(part);
    },
  };
}

/** Shares of red and blue in the luma (ITU-R BT.601 and BT.709); green has the rest. */
interface Matrix {
  readonly red: number;
  readonly blue: number;
}
const BT601: Matrix = { red: 0.299, blue: 0.114 };
const BT709: Matrix = { red: 0.2126, blue: 0.0722 };

/** RGBA → Y, Cb and Cr one after the other; Y in 16 … 235, the others in 16 … 240. */
function toPlanes(pixels: Uint8ClampedArray, planes: Uint8ClampedArray, matrix: Matrix): void {
  const area = planes.length / 3;
  const lumaScale = 219 / 255;
  const blueScale = 224 / 255 / (2 * (1 - matrix.blue));
  const redScale = 224 / 255 / (2 * (1 - matrix.red));
  for (let i = 0; i < area; i++) {
    const red = pixels[4 * i]!;
    const green = pixels[4 * i + 1]!;
    const blue = pixels[4 * i + 2]!;
    const luma = matrix.red * red + (1 - matrix.red - matrix.blue) * green + matrix.blue * blue;
    planes[i] = 16 + luma * lumaScale;
    planes[area + i] = 128 + (blue - luma) * blueScale;
    planes[2 * area + i] = 128 + (red - luma) * redScale;
  }
}
