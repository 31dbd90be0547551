import { expect, test } from 'vitest';
import { type ClipSettings, clipProblems } from '../../src/core/clip';
import { en } from '../../src/words/en';
import { zh } from '../../src/words/zh';

const GOOD: ClipSettings = {
  ...{ prompt: 'a', negativePrompt: '', width: 96, height: 96, frames: 17, steps: 20, solver: 'unipc' },
  ...{ schedule: 'even', shift: 3, guidance: 4, seed: 0, noise: 'torch-cpu', decoder: 'vae', tokenizer: 'fast' },
};

const say = (changes: Partial<ClipSettings>) =>
  clipProblems({ ...GOOD, ...changes }).flatMap(({ code, value, instead }) => [
    en.generate.problem[code](value, instead),
    zh.generate.problem[code](value, instead),
  ]);

test('what is wrong with a setting is said in both languages, with what would do', () => {
  expect(say({ width: 100 })).toEqual([
    '100 is no multiple of 32. Choose 96 or 128.',
    '100 不是 32 的倍数，可用 96 或 128。',
  ]);
  expect(say({ frames: 16 })).toEqual([
    '16 is not one more than a multiple of 4. Choose 13 or 17.',
    '16 不是 4 的倍数加 1，可用 13 或 17。',
  ]);
  expect(say({ steps: 0 })).toEqual(['0 is out of range: 1–1000.', '0 超出范围：1–1000。']);
  expect(say({ width: 1280, height: 1312 })).toEqual([
    'A frame 1280 wide gets too many pixels. Choose 1280 × 704 at most.',
    '宽为 1280 时一帧的像素太多，最多 1280 × 704。',
  ]);
  expect(say({ noise: 'cuda-0' })[1]).toBe('没有“cuda-0”，可用：torch-cpu、cuda-132。');
});

test('a field that was cleared is asked for, not quoted', () => {
  const cleared = { width: Number.NaN, frames: Number.NaN, steps: Number.NaN, shift: Number.NaN };
  const sentences = say({ ...cleared, guidance: Number.NaN, seed: Number.NaN });
  expect(sentences).toHaveLength(12);
  for (const sentence of sentences) expect(sentence).toMatch(/^(Give a|请填)/);
});
