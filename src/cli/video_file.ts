/**
 * Where a video goes, by the name it is given: MP4 or WebM through the ffmpeg on
 * this machine, Y4M, or numbered PNG files. Frames pass one by one; none is kept.
 */
import { extname } from 'node:path';
import { AppError } from '../core/errors';
import { isThere } from './disk_failure';
import { findEncoder, openFfmpeg } from './ffmpeg';
import { isFolder, openPngFrames } from './png_frames';
import { openY4m } from './y4m';

export interface Video {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly frames: number;
  /** The line of settings; it goes into the file or beside it. */
  readonly comment: string;
}

/** What takes frames. Failures are AppErrors storage-full and storage-failed. */
export interface FrameWriter {
  /** Where the video is to be found. */
  readonly path: string;
  readonly format: 'mp4' | 'webm' | 'y4m' | 'png';
  /** The next frame: RGBA row by row, of the video's size; alpha is not kept. Await each before the next. */
  write(frame: Uint8ClampedArray): Promise<void>;
  /** Finishes the file: only now it has its name. */
  close(): Promise<void>;
  /** Removes what was written; for a run that failed or was stopped. */
  discard(): Promise<void>;
}

export interface VideoFile extends FrameWriter {
  /** Why it is not the format asked for; null where it is. */
  readonly remark: string | null;
}

/**
 * `name.mp4` and `name.webm` become `name.y4m` with a remark where there is no ffmpeg that can make them. `name.png`,
 * `name_%04d.png` and folders (a path that is one, or has no extension) get numbered files. Throws input-invalid for
 * other extensions, storage-failed where nothing can be written.
 */
export async function openVideoFile(path: string, video: Video): Promise<VideoFile> {
  const { writer, remark = null } = await openWriter(path, video);
  const bytes = video.width * video.height * 4;
  let written = 0;
  return {
    ...writer,
    remark,
    write(frame) {
      if (frame.length !== bytes)
        throw new AppError('shape-mismatch', `A frame of ${path} has ${bytes} bytes, ${frame.length} came.`);
      written++;
      return writer.write(frame);
    },
    async close() {
      if (written !== video.frames)
        throw new AppError('shape-mismatch', `${path} is of ${video.frames} frames, ${written} came.`);
      await writer.close();
    },
  };
}

/** `stem.mp4`, or `stem-2.mp4` and so on where a video is there: nothing is written over that nobody named. */
export async function freePath(stem: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? stem : `${stem}-${number}`;
    const taken = await Promise.all([`${name}.mp4`, `${name}.y4m`].map(isThere)); // without ffmpeg it becomes the other
    if (!taken.includes(true)) return `${name}.mp4`;
  }
}

async function openWriter(path: string, video: Video): Promise<{ writer: FrameWriter; remark?: string }> {
  const extension = extname(path).toLowerCase();
  if (extension === '.png' || extension === '' || (await isFolder(path)))
    return { writer: await openPngFrames(path, video) };
  if (extension === '.y4m') return { writer: await openY4m(path, video) };
  if (extension !== '.mp4' && extension !== '.webm')
    throw new AppError(
      'input-invalid',
      `${path} is of no kind that is written. Choose .mp4, .webm, .y4m, .png or a folder.`,
    );

  const format = extension === '.mp4' ? 'mp4' : 'webm';
  const found = await findEncoder(format);
  if ('encoder' in found) return { writer: await openFfmpeg(path, video, format, found.encoder) };
  const y4m = `${path.slice(0, -extension.length)}.y4m`;
  return {
    writer: await openY4m(y4m, video),
    remark: `${found.missing}, so ${y4m} is written; "ffmpeg -i ${y4m} ${path}" makes the other.`,
  };
}
