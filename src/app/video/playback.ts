/** Where in a clip the player is, as time goes by. Pure. */
export interface Playback {
  /** In frames, with fractions; 0 is the beginning of the first. */
  readonly position: number;
  readonly playing: boolean;
}

export interface PlaybackOptions {
  readonly count: number;
  readonly framesPerSecond: number;
  /** 1 as it is, 0.5 half as fast. */
  readonly speed: number;
  readonly looping: boolean;
}

/** After `seconds`. Without a loop it ends on the last frame. */
export function advanced(before: Playback, seconds: number, options: PlaybackOptions): Playback {
  const { count, framesPerSecond, speed, looping } = options;
  if (!before.playing || count === 0) return before;
  const position = before.position + seconds * framesPerSecond * speed;
  if (position < count) return { ...before, position };
  return looping ? { ...before, position: position % count } : { position: count - 1, playing: false };
}

/** To another frame, and held there. From the ends it goes round. */
export function stepped(frame: number, by: number, count: number): Playback {
  return { position: count === 0 ? 0 : (frame + by + count) % count, playing: false };
}
