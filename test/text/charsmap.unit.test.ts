import { expect, test } from 'vitest';
import { findReplacement, readCharsmap } from '../../src/text/charsmap';
import { nfkcCharsmap } from '../support/demo_tokenizer';

const nfkc = readCharsmap(nfkcCharsmap(), 'spiece.model');
const utf8 = (text: string) => new TextEncoder().encode(text);

test('SentencePiece’s nmt_nfkc replaces characters as NFKC does', () => {
  let replaced = 0;
  for (let code = 0xa1; code < 0x10000; code++) {
    const character = String.fromCharCode(code);
    const expected = character.normalize('NFKC');
    // Surrogates are no characters; the other rules of `nmt` are about white space and what is invisible.
    if (expected === character || /[\p{Cs}\p{Cf}\p{Z}]/u.test(character) || /^\s|～|~/.test(expected)) continue;
    const found = findReplacement(nfkc, utf8(character), 'longest');
    if (!found) continue;
    expect(found, character).toEqual({ bytes: utf8(character).length, text: expected });
    replaced++;
  }
  // The others are of newer versions of Unicode.
  expect(replaced).toBeGreaterThan(2800);
});

test.for([
  ['ª\u0300', { bytes: 2, text: 'a' }, { bytes: 4, text: 'à' }],
  ['e\u0301', { bytes: 3, text: 'é' }, { bytes: 3, text: 'é' }],
  ['①x', { bytes: 3, text: '1' }, { bytes: 3, text: '1' }],
  ['\t', { bytes: 1, text: ' ' }, { bytes: 1, text: ' ' }],
  ['\x01a', { bytes: 1, text: '' }, { bytes: 1, text: '' }],
  ['abc', null, null],
  ['', null, null],
] as const)('%j begins with what is replaced, at least and at most', ([text, shortest, longest]) => {
  expect(findReplacement(nfkc, utf8(text), 'shortest')).toEqual(shortest);
  expect(findReplacement(nfkc, utf8(text), 'longest')).toEqual(longest);
});

test.for([
  [[], 'its charsmap has 0 bytes, 0 of them for the trie'],
  [[4, 0, 0, 0, 1, 2, 3], 'its charsmap has 7 bytes, 4 of them for the trie'],
  [[3, 0, 0, 0, 1, 2, 3], 'its charsmap has 7 bytes, 3 of them for the trie'],
  [[0, 0, 0, 0, 1, 2, 3, 4], 'its charsmap has 8 bytes, 0 of them for the trie'],
  [[255, 255, 255, 255, 1, 2, 3, 4], 'its charsmap has 8 bytes, 4294967295 of them for the trie'],
  [
    [4, 0, 0, 0, 0, 0, 0, 0, ...Array<number>(65).fill(97), 0],
    'its charsmap has a replacement of 65 bytes, at most 64 are read',
  ],
] as const)('%j is refused', ([bytes, message]) => {
  expect(() => readCharsmap(Uint8Array.from(bytes), 'spiece.model')).toThrow(
    expect.objectContaining({ code: 'file-invalid', message: `spiece.model: ${message}. It is damaged.` }),
  );
});
