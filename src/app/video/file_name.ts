/** What a clip's files are called. */
import type { ClipSettings } from '../../core/clip';

const MOST_LETTERS = 40;

/** 'wanscope-a-red-circle-42.mp4'; of a single frame, by its index, 'wanscope-a-red-circle-42-frame-03.png'. */
export function fileName({ prompt, seed, frames }: ClipSettings, extension: string, frame?: number): string {
  const words = prompt
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, MOST_LETTERS)
    .replace(/^-|-$/g, '');
  const still = frame === undefined ? [] : [frameName(frame, frames)];
  return `${['wanscope', ...(words ? [words] : []), String(seed), ...still].join('-')}.${extension}`;
}

/** 'frame-03' of 17: from 1, and as wide as the last, so that they sort. */
export const frameName = (frame: number, count: number): string =>
  `frame-${String(frame + 1).padStart(String(count).length, '0')}`;
