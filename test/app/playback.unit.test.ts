import { describe, expect, test } from 'vitest';
import { advanced, stepped } from '../../src/app/video/playback';

const OPTIONS = { count: 17, framesPerSecond: 8, speed: 1, looping: true };

describe('playing', () => {
  test('moves with the time that has passed, at the chosen speed', () => {
    const begun = { position: 2, playing: true };
    expect(advanced(begun, 0.5, OPTIONS)).toEqual({ position: 6, playing: true });
    expect(advanced(begun, 0.5, { ...OPTIONS, speed: 0.25 }).position).toBe(3);
  });

  test('shows every frame of a clip as long as any other', () => {
    let playback = { position: 0, playing: true };
    const seen = new Array<number>(17).fill(0);
    // 120 ticks a second for the 17/8 seconds that the clip lasts.
    for (let tick = 0; tick < 255; tick++) {
      seen[Math.floor(playback.position)]! += 1;
      playback = advanced(playback, 1 / 120, OPTIONS);
    }
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(14);
    expect(Math.max(...seen)).toBeLessThanOrEqual(16);
  });

  test('begins again at the end, or holds the last frame', () => {
    const late = { position: 16.5, playing: true };
    expect(advanced(late, 0.25, OPTIONS)).toEqual({ position: 1.5, playing: true });
    expect(advanced(late, 0.25, { ...OPTIONS, looping: false })).toEqual({ position: 16, playing: false });
  });

  test('goes nowhere while it is paused, or while there is nothing to play', () => {
    expect(advanced({ position: 3, playing: false }, 9, OPTIONS).position).toBe(3);
    expect(advanced({ position: 0, playing: true }, 9, { ...OPTIONS, count: 0 }).position).toBe(0);
  });
});

test('a step holds the next frame, and goes round at both ends', () => {
  expect(stepped(3, 1, 17)).toEqual({ position: 4, playing: false });
  expect(stepped(16, 1, 17).position).toBe(0);
  expect(stepped(0, -1, 17).position).toBe(16);
  expect(stepped(0, 1, 0).position).toBe(0);
});
