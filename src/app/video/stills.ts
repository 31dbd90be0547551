/** Frames as PNG files: one, or all of them in a ZIP file with the settings beside. */
import { downloadZip } from 'client-zip';
import { AppError } from '../../core/errors';
import type { ClipFrames } from './clip_frames';
import { frameName } from './file_name';

/** Exactly the pixels that were shown. */
export async function framePng({ width, height, frames }: ClipFrames, frame: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(new ImageData(frames[frame]!, width, height), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

export interface FramesZipOptions {
  /** The settings, for settings.txt. */
  readonly line: string;
  readonly date: Date;
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, total: number) => void;
}

/** Throws cancelled. */
export async function framesZip(clip: ClipFrames, { line, date, signal, onFrame }: FramesZipOptions): Promise<Blob> {
  async function* files() {
    yield { name: 'settings.txt', input: `${line}\n`, lastModified: date };
    for (let i = 0; i < clip.frames.length; i++) {
      if (signal.aborted) throw new AppError('cancelled', 'Saving was stopped.');
      yield { name: `${frameName(i, clip.count)}.png`, input: await framePng(clip, i), lastModified: date };
      onFrame(i + 1, clip.frames.length);
    }
  }
  return downloadZip(files()).blob();
}
