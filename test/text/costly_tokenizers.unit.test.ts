/** Small files made to keep a reader busy with a long prompt: they are refused, or the prompt is cut as soon as any. */
import { expect, test } from 'vitest';
import { MOST_PROMPT_CHARACTERS } from '../../src/core/clip';
import { encodePrompt, openTokenizer } from '../../src/text/tokenizer';
import { judge } from '../fuzz/judge';

const LETTER = 'a'.repeat(MOST_PROMPT_CHARACTERS);
const metaspace = { type: 'Metaspace', replacement: '▁' };

interface Parts {
  readonly vocab?: readonly (readonly [string, number])[];
  readonly charsmap?: Uint8Array;
  readonly special?: readonly string[];
}

function tokenizerJson({ vocab = [], charsmap, special = [] }: Parts): Uint8Array {
  const pieces = [['</s>', 0], ['<unk>', 0], ...vocab];
  return new TextEncoder().encode(
    JSON.stringify({
      added_tokens: special.map((content, i) => ({ id: pieces.length + i, content })),
      normalizer: charsmap && {
        type: 'Precompiled',
        precompiled_charsmap: Buffer.from(charsmap).toString('base64'),
      },
      pre_tokenizer: metaspace,
      model: { type: 'Unigram', unk_id: 1, vocab: pieces },
    }),
  );
}

/** Each of 1 to so many letters. */
const letters = (most: number) => Array.from({ length: most }, (_, i) => ['a'.repeat(i + 1), -1 - i / 100] as const);
const special = (length: number) =>
  Array.from({ length: 10_000 }, (_, i) => 'a'.repeat(length - 4) + i.toString(36).padStart(4, 'b'));

function charsmapOf(units: Uint32Array<ArrayBuffer>, replacement: string): Uint8Array {
  const trie = new Uint8Array(units.buffer);
  return Uint8Array.from([
    ...new Uint8Array(Uint32Array.of(trie.length).buffer),
    ...trie,
    ...Buffer.from(replacement),
    0,
  ]);
}

/** The letter becomes a text. */
function replacing(text: string): Uint8Array {
  const units = new Uint32Array(512);
  units[0x61] = (256 << 10) | 0x100 | 0x61; // has its leaf 256 units on
  return charsmapOf(units, text);
}

/** After the three bytes of 中 it is at its root again, and never at a leaf. */
function withoutEnd(): Uint8Array {
  const units = new Uint32Array(3 * 256);
  [0xe4, 0xb8, 0xad].forEach((byte, i) => {
    const position = (256 * i) ^ byte;
    units[position] = ((position ^ (256 * ((i + 1) % 3))) << 10) | byte;
  });
  return charsmapOf(units, 'x');
}

test.for([
  ['pieces of up to 256 characters', { vocab: letters(256) }, LETTER],
  ['pieces as long as are read', { vocab: letters(32) }, LETTER],
  ['a letter that becomes 64', { vocab: letters(32), charsmap: replacing('a'.repeat(64)) }, LETTER],
  ['a letter that becomes two spaces', { vocab: [['▁', -1]], charsmap: replacing('  ') }, LETTER],
  ['a trie without end', { charsmap: withoutEnd() }, '中'.repeat(MOST_PROMPT_CHARACTERS)],
  ['special tokens of 240 characters', { special: special(240) }, LETTER],
  ['special tokens as long as are read', { special: special(32) }, LETTER],
] as const)('%s', async ([name, parts, prompt]) => {
  for (const mode of ['fast', 'sentencepiece'] as const) {
    const parse = (input: Uint8Array) => encodePrompt(openTokenizer(input, name), prompt, { mode }).ids.length > 0;
    const parser = { name, makers: async () => [], parse, codes: ['file-invalid', 'input-invalid'] as const };
    expect((await judge(parser, tokenizerJson(parts))).trouble).toBe(null);
  }
});

test.for(['fast', 'sentencepiece'] as const)('a prompt that becomes too long is refused, %s', (mode) => {
  const tokenizer = openTokenizer(tokenizerJson({ charsmap: replacing('a'.repeat(64)) }), 'tokenizer.json');
  expect(tokenizer.encode('a'.repeat(600), { mode }).ids.length).toBeGreaterThan(1);
  expect(() => tokenizer.encode('a'.repeat(700), { mode })).toThrow(
    expect.objectContaining({
      code: 'input-invalid',
      message: expect.stringMatching(
        /^The tokenizer makes 4480\d characters or more of a prompt of 700, at most 40000 are/,
      ),
    }),
  );
});

test('so is one whose parts between special tokens do together', () => {
  const parts = { charsmap: replacing('a'.repeat(64)), special: ['<x>'] };
  const tokenizer = openTokenizer(tokenizerJson(parts), 'tokenizer.json');
  expect(() => tokenizer.encode('a<x>'.repeat(700))).toThrow(/^The tokenizer makes 40064 characters or more of/);
});
