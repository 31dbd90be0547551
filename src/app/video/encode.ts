/**
 * A clip as a video file, by the browser's own encoders. Loaded when a clip is
 * to be saved: the library that writes the files is larger than the page.
 */
import {
  BufferTarget,
  canEncodeVideo,
  Mp4OutputFormat,
  Output,
  Quality,
  type VideoCodec,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from 'mediabunny';
import { AppError } from '../../core/errors';
import type { ClipFrames } from './clip_frames';

/** In the order of preference; what plays everywhere first. */
export const CONTAINERS = ['mp4', 'webm'] as const;
export type Container = (typeof CONTAINERS)[number];

const FORMATS = {
  mp4: { make: () => new Mp4OutputFormat({ fastStart: 'in-memory' }), mimeType: 'video/mp4', codecs: ['avc'] },
  webm: { make: () => new WebMOutputFormat(), mimeType: 'video/webm', codecs: ['vp9', 'av1', 'vp8'] },
} as const satisfies Record<Container, { make: () => unknown; mimeType: string; codecs: VideoCodec[] }>;

/** Generated pictures are small and few: what is kept of them counts more than bytes. */
const quality = new Quality('very-high');

export interface VideoTags {
  readonly title: string;
  /** The settings as a line. */
  readonly comment: string;
  readonly date: Date;
}

export interface EncodeOptions {
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, total: number) => void;
}

/** The containers that this browser has an encoder for, at this size. */
export async function containersFor(size: { width: number; height: number }): Promise<Container[]> {
  const codecs = await Promise.all(CONTAINERS.map((container) => codecFor(container, size)));
  return CONTAINERS.filter((_, i) => codecs[i] !== null);
}

async function codecFor(container: Container, { width, height }: { width: number; height: number }) {
  if (!('VideoEncoder' in globalThis)) return null;
  for (const codec of FORMATS[container].codecs)
    if (await canEncodeVideo(codec, { width, height, quality })) return codec;
  return null;
}

/** Throws input-invalid where no encoder takes the size, cancelled, and what the encoder throws. */
export async function encodeVideo(
  clip: ClipFrames,
  container: Container,
  tags: VideoTags,
  { signal, onFrame }: EncodeOptions,
): Promise<Blob> {
  const codec = await codecFor(container, clip);
  if (!codec)
    throw new AppError('input-invalid', `This browser encodes no ${container} of ${clip.width}×${clip.height}.`);
  const target = new BufferTarget();
  const output = new Output({ format: FORMATS[container].make(), target });
  const source = new VideoSampleSource({ codec, quality });
  output.addVideoTrack(source, { frameRate: clip.framesPerSecond });
  output.setMetadataTags(tags);
  try {
    await output.start();
    for (const [i, pixels] of clip.frames.entries()) {
      if (signal.aborted) throw new AppError('cancelled', 'Saving was stopped.');
      using sample = sampleOf(clip, pixels, i);
      await source.add(sample);
      onFrame(i + 1, clip.frames.length);
    }
    await output.finalize();
  } catch (failure) {
    await output.cancel();
    throw failure;
  }
  return new Blob([target.buffer!], { type: FORMATS[container].mimeType });
}

const sampleOf = ({ width, height, framesPerSecond }: ClipFrames, pixels: Uint8ClampedArray<ArrayBuffer>, i: number) =>
  new VideoSample(pixels, {
    format: 'RGBX',
    codedWidth: width,
    codedHeight: height,
    timestamp: i / framesPerSecond,
    duration: 1 / framesPerSecond,
  });
