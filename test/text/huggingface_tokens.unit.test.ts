/** Three thousand random texts, cut by this tokenizer and by Hugging Face's own for JavaScript. */
import { Tokenizer } from '@huggingface/tokenizers';
import { expect, test } from 'vitest';
import { openTokenizer } from '../../src/text/tokenizer';
import { demoFile, nfkcCharsmap } from '../support/demo_tokenizer';
import { pick, type Random, seededRandom } from '../support/mutations';

const TEXTS = 3000;

const between = (first: number, last: number) => (random: Random) =>
  String.fromCodePoint(first + random(last - first + 1));
const one =
  (...from: string[]) =>
  (random: Random) =>
    pick(random, from);

const demo = JSON.parse(new TextDecoder().decode(demoFile('tokenizer.json')));

const COMMON = [
  between(0x20, 0x7e),
  between(0x61, 0x7a),
  between(0x4e00, 0x9fff),
  between(0x1f300, 0x1f9ff),
  between(0x3041, 0x3096),
  between(0xac00, 0xd7a3),
  between(0xc0, 0x17f),
  one('a', 'red ', 'circle', ' moving', '一个', '红色的', '圆形', '黑色背景'),
  one(' ', '  ', '   ', '▁', '▁▁'),
  one('</s>', '<pad>', '<s>', '<unk>', '</s', '<0x41>', '<extra_id_0>'),
];

/** Random pieces of the alphabets, each once; scores as a training would spread them. */
function largerVocabulary() {
  const random = seededRandom(1);
  const singles = [
    ...Array.from({ length: 0x7f - 0x21 }, (_, i) => String.fromCharCode(0x21 + i)),
    ...Array.from({ length: 500 }, (_, i) => String.fromCharCode(0x4e00 + 13 * i)),
    ...Array.from({ length: 300 }, (_, i) => String.fromCharCode(0xac00 + 37 * i)),
    ...Array.from({ length: 0x17f - 0xc0 }, (_, i) => String.fromCharCode(0xc0 + i)),
    ...'▁éÅ각ガ½',
  ];
  const pieces = new Set(singles);
  while (pieces.size < 8000)
    pieces.add(
      pick(random, ['', '▁']) +
        Array.from({ length: 2 + random(4) }, () => pick(random, singles.slice(0, 200))).join(''),
    );
  const special = ['<pad>', '</s>', '<s>', '<unk>'];
  return [
    ...special.map((piece) => [piece, 0]),
    ...[...pieces].filter((piece) => !piece.slice(1).includes('▁')).map((piece) => [piece, -3 - random(1e6) / 1e5]),
  ];
}

const charsmap = { type: 'Precompiled', precompiled_charsmap: Buffer.from(nfkcCharsmap()).toString('base64') };
const larger = {
  ...demo,
  normalizer: { type: 'Sequence', normalizers: [charsmap, ...demo.normalizer.normalizers] },
  model: { ...demo.model, vocab: largerVocabulary() },
};

test.for([
  // Combining marks and white space of all kinds; the texts end in none, of which JavaScript's trim takes more than Rust's.
  ['the demo', demo, [between(0x300, 0x36f), one('\t', '\n', '\u00a0', '\u3000', '\u200b'), between(0xff00, 0xffef)]],
  // Where NFKC, which the oracle has in place of the charsmap, is what the charsmap says.
  [
    'a larger vocabulary with a charsmap',
    larger,
    [
      one('½', '①', 'ﬁ', '㌀', '™', 'Å', '\t', '\n', '\u3000', '\u00a0'),
      between(0xff01, 0xff5d),
      one('e\u0301', 'A\u030a', 'n\u0303'),
    ],
  ],
] as const)('%s', ([, json, more]) => {
  const ours = openTokenizer(new TextEncoder().encode(JSON.stringify(json)), 'tokenizer.json');
  const theirs = new Tokenizer(json, {});
  const alphabets = [...COMMON, ...more];
  const wrong: object[] = [];
  let known = 0;
  for (let seed = 0; seed < TEXTS; seed++) {
    const random = seededRandom(seed);
    const text =
      `${Array.from({ length: random(16) }, () => pick(random, alphabets)(random)).join('')}${pick(random, ['', 'a'])}`.trim();
    const { ids } = ours.encode(text);
    known += ids.filter((id) => id > 3).length;
    const expected = theirs.encode(text).ids;
    if (JSON.stringify(ids) !== JSON.stringify(expected)) wrong.push({ text, ids, expected });
  }
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(known).toBeGreaterThan(TEXTS);
});
