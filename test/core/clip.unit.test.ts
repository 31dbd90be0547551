import { describe, expect, test } from 'vitest';
import { type ClipSettings, checkClip, clipProblems, latentFramesOf, tokensOfClip } from '../../src/core/clip';

const GOOD: ClipSettings = {
  prompt: 'a red circle',
  negativePrompt: '',
  width: 832,
  height: 480,
  frames: 33,
  steps: 50,
  solver: 'unipc',
  schedule: 'even',
  shift: 5,
  guidance: 5,
  seed: 0,
  noise: 'torch-cpu',
  decoder: 'vae',
  tokenizer: 'fast',
};

const problemsOf = (changes: object) => clipProblems({ ...GOOD, ...changes });

describe('what is wrong with settings', () => {
  test.for<[changes: object]>([
    [{}],
    [{ width: 32, height: 32, frames: 1, steps: 1 }],
    [{ width: 1280, height: 1280, frames: 321, steps: 1000, shift: 100, guidance: 30 }],
    [
      {
        guidance: 1,
        seed: Number.MAX_SAFE_INTEGER,
        noise: 'cuda-132',
        solver: 'euler',
        decoder: 'tiny',
        tokenizer: 'sentencepiece',
      },
    ],
    [{ schedule: 'turbo', steps: 0 }],
  ])('nothing with %j', ([changes]) => {
    expect(problemsOf(changes)).toEqual([]);
  });

  test.for<[changes: Partial<Record<keyof ClipSettings, unknown>>, code: string, instead: string]>([
    [{ width: 100 }, 'size-step', '96 or 128'],
    [{ height: 16 }, 'size-step', '32'],
    [{ width: 0 }, 'not-a-number', '32–1280'],
    [{ height: Number.NaN }, 'not-a-number', '32–1280'],
    [{ frames: 16 }, 'frames-step', '13 or 17'],
    [{ frames: 2 }, 'frames-step', '1 or 5'],
    [{ frames: 2.5 }, 'not-a-number', '1–321'],
    [{ frames: 325 }, 'out-of-range', '1–321'],
    [{ steps: 0 }, 'out-of-range', '1–1000'],
    [{ steps: Number.NaN }, 'out-of-range', '1–1000'],
    [{ solver: 'heun' }, 'unknown', 'unipc, dpm++, euler'],
    [{ schedule: 'toString' }, 'unknown', 'even, fastwan, turbo'],
    [{ decoder: 'big' }, 'unknown', 'vae, tiny'],
    [{ tokenizer: 'slow' }, 'unknown', 'fast, sentencepiece'],
    [{ shift: 0 }, 'out-of-range', '3, 5'],
    [{ shift: Number.NaN }, 'out-of-range', '3, 5'],
    [{ guidance: 0.5 }, 'out-of-range', '1–30'],
    [{ seed: -1 }, 'out-of-range', '0–9007199254740991'],
    [{ seed: 2 ** 60 }, 'out-of-range', '0–9007199254740991'],
    [{ noise: 'cuda-0' }, 'unknown', 'torch-cpu, cuda-132'],
  ])('%j is one problem, and what would do instead is told', ([changes, code, instead]) => {
    const [setting] = Object.keys(changes);
    expect(problemsOf(changes)).toEqual([{ setting, code, value: String(Object.values(changes)[0]), instead }]);
  });

  test('too many pixels', () => {
    expect(problemsOf({ width: 1280, height: 1312 })).toMatchObject([{ setting: 'width', code: 'too-many-pixels' }]);
  });

  test('all of them are found, in the order of the form; the first is thrown with both numbers', () => {
    const settings: ClipSettings = { ...GOOD, width: 100, frames: 16, seed: -3 };
    expect(clipProblems(settings).map(({ setting }) => setting)).toEqual(['width', 'frames', 'seed']);
    expect(() => checkClip(settings)).toThrow('The width 100 is no multiple of 32. Choose 96 or 128.');
  });
});

test('what would do instead, does', () => {
  for (let value = 1; value < 400; value++)
    for (const [setting, most] of [
      ['width', 1280],
      ['frames', 321],
    ] as const)
      for (const { instead } of value <= most ? problemsOf({ [setting]: value }) : [])
        for (const nearest of instead.split(' or ')) expect(problemsOf({ [setting]: Number(nearest) })).toEqual([]);
});

test('the published clip has the published number of tokens', () => {
  expect(latentFramesOf(121)).toBe(31);
  expect(tokensOfClip({ width: 1280, height: 704, frames: 121 })).toBe(27_280);
});
