/** Which frame of the film is seen, and whether it runs. */
import { computed, effect, signal } from '@preact/signals-core';
import { advanced, type Playback, stepped } from '../video/playback';
import { film } from './film';

export const SPEEDS = [0.25, 0.5, 1, 2] as const;

const playback = signal<Playback>({ position: 0, playing: false });
export const looping = signal(true);
export const speed = signal<number>(1);

const count = computed(() => film.value?.frames.length ?? 0);
export const isPlaying = computed(() => playback.value.playing);
/** Of what is on the stage. The place within a frame changes too often to be drawn. */
export const frameIndex = computed(() => Math.max(0, Math.min(Math.floor(playback.value.position), count.value - 1)));

/** From the beginning; held there for those who asked for less motion. */
export function startPlaying(): void {
  playback.value = { position: 0, playing: !matchMedia('(prefers-reduced-motion: reduce)').matches };
}

export function switchPlaying(): void {
  const { position, playing } = playback.value;
  const isAtEnd = !looping.value && frameIndex.value === count.value - 1;
  playback.value = { position: !playing && isAtEnd ? 0 : position, playing: !playing };
}

export function showFrame(frame: number): void {
  playback.value = { position: frame, playing: false };
}

export function stepFrames(by: number): void {
  playback.value = stepped(frameIndex.value, by, count.value);
}

/** A tab that was hidden goes on where it was. */
const LONGEST_TICK_SECONDS = 0.5;

/** Call once. Moves the film while it plays; at rest nothing ticks. */
export function runPlayer(): void {
  const isMoving = computed(() => isPlaying.value && count.value > 1);
  effect(() => {
    if (!isMoving.value) return;
    let lastMs = Number.POSITIVE_INFINITY; // no time has passed at the first tick
    let request = requestAnimationFrame(tick);
    function tick(nowMs: number): void {
      request = requestAnimationFrame(tick);
      const seconds = Math.min(Math.max((nowMs - lastMs) / 1000, 0), LONGEST_TICK_SECONDS);
      lastMs = nowMs;
      const { framesPerSecond } = film.peek()!;
      const options = { count: count.peek(), framesPerSecond, speed: speed.peek(), looping: looping.peek() };
      playback.value = advanced(playback.peek(), seconds, options);
    }
    return () => cancelAnimationFrame(request);
  });
}
