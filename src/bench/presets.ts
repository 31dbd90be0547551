/** The clips a run may be about, smallest first, and the one the published servers were measured on. */
import { type TokenGrid, tokenCount } from '../dit/config';

export interface Preset {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** 4n + 1: the first frame, and four for each further latent frame. */
  readonly frames: number;
}

const preset = (width: number, height: number, frames: number): Preset => ({
  id: `${width}x${height}x${frames}`,
  width,
  height,
  frames,
});

export const PRESETS: readonly Preset[] = [
  preset(256, 256, 5),
  preset(512, 288, 17),
  preset(640, 352, 17),
  preset(832, 480, 33),
  preset(832, 480, 81),
  preset(1280, 704, 121),
  preset(1280, 704, 161),
];

/** For adapters that are too slow for the others: of the same width inside, with few tokens. */
export const SMALL_PRESETS: readonly Preset[] = [preset(64, 64, 5), preset(128, 128, 5)];

/** The clips of the published runs, and of the model's own default: 36,080 and 27,280 tokens. */
export const REFERENCES: readonly Preset[] = PRESETS.slice(-2);

/** 161 frames, not the model's default 121: 36,080 tokens. */
export const REFERENCE = PRESETS.at(-1)!;

/** Steps of a whole clip, as published. */
export const STEPS = 50;

/** Length of the benchmark's prompt, and of its negative prompt: typical ones, the published negative is 126. */
export const PROMPT_TOKENS = [32, 128] as const;

export function latentFrames({ frames }: Preset): number {
  return (frames - 1) / 4 + 1;
}

export function gridOf(clip: Preset): TokenGrid {
  return { frames: latentFrames(clip), height: clip.height / 32, width: clip.width / 32 };
}

export function tokensOf(clip: Preset): number {
  return tokenCount(gridOf(clip));
}
