/** What is on the stage: frames of the clip as soon as there are any, before that the last preview. */
import { computed, signal } from '@preact/signals-core';
import type { ClipSettings } from '../../core/clip';
import type { ClipPreview } from '../../core/clip_run';
import type { ClipFrames } from '../video/clip_frames';

/** Of the run under way, or of the last one. */
export const filmSettings = signal<ClipSettings | null>(null);
export const clipFrames = signal<ClipFrames | null>(null);
export const clipPreview = signal<ClipPreview | null>(null);

export interface Film {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly frames: readonly Uint8ClampedArray<ArrayBuffer>[];
  /** Null: these are the clip's own frames. */
  readonly preview: Pick<ClipPreview, 'step' | 'rough'> | null;
}

export const film = computed((): Film | null => {
  const clip = clipFrames.value;
  if (!clip) return null;
  if (clip.frames.length > 0) return { ...clip, preview: null };
  return clipPreview.value && ofPreview(clipPreview.value, clip);
});

function ofPreview(preview: ClipPreview, { count, framesPerSecond }: ClipFrames): Film {
  const { width, height, frameCount, pixels } = preview;
  const bytes = width * height * 4;
  return {
    width,
    height,
    // As long as the clip will be, with fewer frames.
    framesPerSecond: (framesPerSecond * frameCount) / count,
    frames: Array.from({ length: frameCount }, (_, i) => pixels.subarray(i * bytes, (i + 1) * bytes)),
    preview,
  };
}
