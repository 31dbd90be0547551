/** The clips a run may be about, smallest first, and the one the published servers were measured on. */
import { checkSize } from '../core/clip';
import { AppError, excerpt } from '../core/errors';
import { type TokenGrid, tokenCount } from '../dit/config';

export interface Preset {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** 4n + 1: the first frame, and four for each further latent frame. */
  readonly frames: number;
}

export const preset = (width: number, height: number, frames: number): Preset => ({
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

/** '832x480x33' → any clip that can be, of the list or not. Throws input-invalid, with what would do instead. */
export function presetOf(id: string): Preset {
  const [, width, height, frames] = /^(\d+)x(\d+)x(\d+)$/.exec(id)?.map(Number) ?? [];
  if (!width || !height || !frames)
    throw new AppError(
      'input-invalid',
      `"${excerpt(id)}" is no clip. Write width, height and frames, such as 832x480x33.`,
    );
  checkSize({ width, height, frames });
  return preset(width, height, frames);
}

export function latentFrames({ frames }: Preset): number {
  return (frames - 1) / 4 + 1;
}

export function gridOf(clip: Preset): TokenGrid {
  return { frames: latentFrames(clip), height: clip.height / 32, width: clip.width / 32 };
}

export function tokensOf(clip: Preset): number {
  return tokenCount(gridOf(clip));
}
