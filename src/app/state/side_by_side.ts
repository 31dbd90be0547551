/**
 * Two videos in step: the server's plays as browsers play videos, and which frame of the local one is seen follows from
 * where it is.
 */
import { signal } from '@preact/signals-core';

export const sideIsPlaying = signal(false);
/** Of the server's video. */
export const sideSeconds = signal(0);
export const sideLength = signal(0);
export const sideIsBroken = signal(false);

/**
 * The local frame beside a moment of the server's video. By its share, not its seconds: both begin and end together, also
 * where the server plays its frames faster.
 */
export const frameAt = (seconds: number, lengthSeconds: number, count: number): number =>
  lengthSeconds > 0 ? Math.min(Math.floor((seconds / lengthSeconds) * count + 1e-3), count - 1) : 0;

let video: HTMLVideoElement | null = null;

/** Of a video that has just come onto the page, or left it. */
export function follow(element: Element | undefined): void {
  video = (element as HTMLVideoElement | undefined) ?? null;
}

/** A file, the first or another one. */
export function begun(): void {
  sideIsPlaying.value = false;
  sideIsBroken.value = false;
  sideSeconds.value = 0;
  sideLength.value = 0;
}

/** When the first frame is there; held for those who asked for less motion. */
export function ready(): void {
  if (!video) return;
  sideLength.value = video.duration;
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) void video.play();
}

export function switchSides(): void {
  if (video?.paused) void video.play();
  else video?.pause();
}

export function showSeconds(seconds: number): void {
  if (!video) return;
  video.pause();
  video.currentTime = seconds;
  sideSeconds.value = seconds;
}

/** At rest nothing ticks. */
export function playing(): void {
  sideIsPlaying.value = true;
  const tick = () => {
    if (!video || video.paused) return;
    sideSeconds.value = video.currentTime;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

export function paused(): void {
  sideIsPlaying.value = false;
  if (video) sideSeconds.value = video.currentTime;
}
