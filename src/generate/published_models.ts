/** How the published models of the kind are used, where no model.json says it. */
import type { ClipSettings } from '../core/clip';
import type { ClipSize } from '../core/clip_run';
import { DEFAULT_NEGATIVE_PROMPT } from '../core/negative_prompt';

export const PUBLISHED_FRAMES_PER_SECOND = 24;

const size = (width: number, height: number, frames: number): ClipSize => ({ width, height, frames });

/** 1280 × 704 and its turn were trained; the others are usual, down to what a small card does in a minute. */
export const PUBLISHED_SIZES: readonly ClipSize[] = [
  size(256, 256, 5),
  size(512, 288, 17),
  size(640, 352, 17),
  size(832, 480, 33),
  size(480, 832, 33),
  size(832, 480, 81),
  size(1280, 704, 121),
  size(704, 1280, 121),
];

/** Above this many pixels the trained shift; below, the one that Wan2.2's README advises. */
const TRAINED_PIXELS = 1280 * 704;
export const publishedShift = ({ width, height }: Pick<ClipSize, 'width' | 'height'>) =>
  width * height < TRAINED_PIXELS ? 3 : 5;

/** Distilled checkpoints, told by what their files and repositories are called; nothing inside tells. */
const DISTILLED: readonly (readonly [name: RegExp, schedule: ClipSettings['schedule']])[] = [
  [/fast[-_ ]?wan/i, 'fastwan'],
  [/turbo/i, 'turbo'],
];

/** `names`: of the files that the transformer is in. */
export function publishedDefaults(names: readonly string[]): ClipSettings {
  const distilled = DISTILLED.find(([pattern]) => names.some((name) => pattern.test(name)));
  const start = size(832, 480, 33);
  return {
    prompt: '',
    negativePrompt: DEFAULT_NEGATIVE_PROMPT,
    ...start,
    steps: 50,
    solver: 'unipc',
    schedule: distilled?.[1] ?? 'even',
    shift: publishedShift(start),
    guidance: distilled ? 1 : 5,
    seed: 0,
    noise: 'torch-cpu',
    decoder: 'vae',
    tokenizer: 'fast',
  };
}
