/** Both dictionaries say the same things, each in its own language. */
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/core/errors';
import { en as page } from '../../src/words/en';
import { report } from '../../src/words/report_en';
import { report as reportZh } from '../../src/words/report_zh';
import { zh as pageZh } from '../../src/words/zh';
import { isChinese, plainWords } from './plain_words';
import { said, valuesIn } from './said';

/** The report's words are apart: they come with Compare alone. */
const en = { ...page, report };
const zh = { ...pageZh, report: reportZh };

/** What Chinese writes in Latin letters, besides the names in plain_words.ts. */
const SAME_IN_CHINESE = ['VAE'];

const chineseIn = (words: unknown) => said(words).filter(({ text }) => isChinese(text));

const englishIn = (words: unknown) =>
  said(words).filter(({ text }) => {
    if (SAME_IN_CHINESE.includes(text)) return false;
    const hasSentence = /\p{Ll}{2,}(\s+\p{Ll}{2,}){2}/u.test(text);
    return hasSentence || (!isChinese(text) && plainWords(text).length > 0);
  });

/** Texts in which one of the two tells a value that the other keeps to itself. */
function differing(words: unknown, others: unknown): string[] {
  const texts = new Map(said(others).map(({ path, text }) => [path, text]));
  return said(words).flatMap(({ path, text }) => {
    const other = texts.get(path) ?? '';
    return valuesIn(text) === valuesIn(other) ? [] : [`${path}: ${text} / ${other}`];
  });
}

test('the English dictionary has no Chinese', () => {
  const { language, ...rest } = en; // of which two words lead to the other language
  expect(chineseIn(rest)).toEqual([]);
  expect(chineseIn(language).map(({ path }) => path)).toEqual(['other', 'switch']);
});

test('the Chinese dictionary has no English', () => {
  const { language, ...rest } = zh;
  expect(englishIn(rest)).toEqual([]);
  expect(englishIn(language).map(({ path }) => path)).toEqual(['code', 'other', 'otherCode', 'switch']);
});

test('both tell the same values', () => {
  expect(differing(en, zh)).toEqual([]);
});

describe('every error has its advice', () => {
  test.for([...ERROR_CODES, 'unknown'] as const)('%s', (code) => {
    expect(plainWords(en.failure.advice[code]).length).toBeGreaterThan(2);
    expect(isChinese(zh.failure.advice[code])).toBe(true);
  });
});

describe('what would be wrong is found:', () => {
  test.for([
    ['a word', { stop: 'Stop' }, 'stop'],
    ['a sentence after Chinese', { why: '说明：this is not read.' }, 'why'],
    ['the answer of a function', { left: (time: string) => `about ${time} left` }, 'left(0)'],
    ['an answer for none', { found: (count: number) => (count === 0 ? 'nothing' : `${count} 个`) }, 'found(2)'],
    ['an answer with an option off', { said: ({ on }: { on: boolean }) => (on ? '开' : 'off now') }, 'said(3)'],
    ['a word in a list', { steps: ['停止', 'Go on'] }, 'steps.1'],
  ] as const)('English left in Chinese: %s', ([, words, path]) => {
    expect(englishIn(words)).toContainEqual(expect.objectContaining({ path }));
  });

  test('Chinese left in English', () => {
    expect(chineseIn({ left: (time: string) => `还剩 ${time}` })[0]).toMatchObject({ path: 'left(0)' });
  });

  test('a value that one language loses', () => {
    const english = { left: (time: string, done: number) => `${time} left, ${done} done` };
    expect(differing(english, { left: (time: string) => `还剩 ${time}` })).toHaveLength(1);
    expect(differing(english, { left: (time: string, done: number) => `已完成 ${done}，还剩 ${time}` })).toEqual([]);
  });
});
