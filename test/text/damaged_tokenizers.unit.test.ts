/**
 * Damaged files of each form, and millions in `npm run test:fuzz`. They come from strangers: whatever is in one, it opens
 * and cuts texts into ids of its own pieces, or ends in an error with a code; soon.
 */
import { expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { findTokenizer } from '../../src/text/find_tokenizer';
import { openTokenizer, type Tokenizer } from '../../src/text/tokenizer';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { demoFile, demoGguf } from '../support/demo_tokenizer';
import { mutated, pick, type Random, seededRandom } from '../support/mutations';
import { sentencePieceModel } from '../support/sentencepiece_file';
import { sparseSource } from '../support/sparse_source';

const FILES = 160;
const SECONDS_A_FILE = 1;
const TEXTS = ['a red circle', '黑色背景上，一个紫色的圆环', 'e\u0301 ½ 🦙 </s> ﷺ\u0000\ud800', 'a'.repeat(2000)];

const spiece = demoFile('spiece.model');
const pieces = [
  ['</s>', 0, 3],
  ['<unk>', 0, 2],
  ['▁a', -1, 1],
  ['é', -2, 1],
] as const;
/** All damage hits something here; in the demo's model most of it hits the charsmap. */
const charsmap = Uint8Array.of(8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0);
const small = sentencePieceModel({ pieces, charsmap });
const json = demoFile('tokenizer.json');
const value = JSON.parse(new TextDecoder().decode(json));

/** A part of the file, at any depth, becomes something else. */
function damagedJson(random: Random): Uint8Array {
  const copy = structuredClone({ ...value, model: { ...value.model, vocab: value.model.vocab.slice(0, 20) } });
  const others = [null, true, -1, 0.5, 1e308, 3, 'Sequence', '', '▁', [], {}, [[]], [['a', 0]], { type: 'Strip' }];
  for (let at = copy; ; ) {
    const key = pick(random, Object.keys(at));
    const child = at[key];
    if (typeof child === 'object' && child !== null && Object.keys(child).length > 0 && random(4)) at = child;
    else {
      if (random(5)) at[key] = pick(random, others);
      else delete at[key];
      return new TextEncoder().encode(JSON.stringify(copy));
    }
  }
}

async function openGguf(bytes: Uint8Array): Promise<Tokenizer> {
  return findTokenizer(joinFiles([await openTensorFile(sparseSource('damaged.gguf', bytes, bytes.length))]), []);
}
const gguf = demoGguf({ charsmap });
/** A damaged key is one that is not there; a damaged charsmap may make too much of a text. */
const CODES = ['file-invalid', 'weights-missing', 'input-invalid'];
const open = async (bytes: Uint8Array) => openTokenizer(bytes, 'damaged');

test.for([
  ['spiece.model', open, [(random: Random) => mutated(random, spiece), (random: Random) => mutated(random, small)]],
  ['tokenizer.json', open, [(random: Random) => mutated(random, json), damagedJson]],
  ['GGUF metadata', openGguf, [(random: Random) => mutated(random, gguf)]],
] as const)(`${FILES} damaged files of the form %s`, async ([, openFile, makers]) => {
  let opened = 0;
  for (let seed = 0; seed < FILES; seed++) {
    const random = seededRandom(seed);
    const bytes = makers[seed % makers.length]!(random);
    const began = performance.now();
    try {
      const tokenizer = await openFile(bytes);
      const count = tokenizer.vocabulary.pieces.length;
      for (const mode of ['fast', 'sentencepiece'] as const) {
        const { ids } = tokenizer.encode(pick(random, TEXTS), { mode });
        if (!ids.every((id) => Number.isSafeInteger(id) && id >= 0 && id < count)) throw new Error(`ids ${ids}`);
      }
      opened++;
    } catch (failure) {
      if (!(failure instanceof AppError) || !CODES.includes(failure.code))
        throw new Error(`seed ${seed}: ${failure}`, { cause: failure });
    }
    expect(performance.now() - began, `seed ${seed}`).toBeLessThan(SECONDS_A_FILE * 1000);
  }
  // The damage neither spares nearly all files nor kills each.
  expect(opened).toBeGreaterThan(FILES / 50);
  expect(opened).toBeLessThan((FILES * 9) / 10);
});

test.for([
  ['BPE', sentencePieceModel({ pieces, kind: 2 }), 'it is of kind BPE, the text encoder takes Unigram'],
  [
    'no unknown piece',
    sentencePieceModel({ pieces: [['</s>', 0, 3]] }),
    'it has no piece for what is unknown among its 1',
  ],
  ['no end', sentencePieceModel({ pieces: [['<unk>', 0, 2]] }), 'none of its 1 pieces is the end of a text, </s>'],
  [
    'a score that is no number',
    sentencePieceModel({ pieces: [...pieces, ['b', Number.NaN, 1]] }),
    'the score of piece 4 is NaN',
  ],
  [
    'a piece too long',
    sentencePieceModel({ pieces: [...pieces, ['b'.repeat(33), 0, 1]] }),
    'piece 4 has 33 characters, at most 32 are read',
  ],
  [
    'a type of its own',
    sentencePieceModel({ pieces: [...pieces, ['b', 0, 7]] }),
    'piece 4 has type 7, known are 1 to 6',
  ],
  [
    'many special tokens',
    sentencePieceModel({ pieces: [...pieces, ...Array.from({ length: 9999 }, (_, i) => [`<${i}>`, 0, 4] as const)] }),
    'it has 10001 special tokens, at most 10000 are read',
  ],
  ['nothing', new Uint8Array(), 'it has 0 pieces, read are 1 to 300000'],
] as const)('a model with %s is refused', ([, bytes, message]) => {
  expect(() => openTokenizer(bytes, 'spiece.model')).toThrow(
    expect.objectContaining({ code: 'file-invalid', message: expect.stringContaining(message) }),
  );
});

test.for([
  ['of another kind', { model: { ...value.model, type: 'BPE' } }, 'its model is "BPE", the text encoder takes Unigram'],
  [
    'without a list of pieces',
    { model: { ...value.model, vocab: { a: 1 } } },
    'its vocab is an object of a, not a list',
  ],
  ['with an odd piece', { model: { ...value.model, vocab: [['a', '0']] } }, 'entry 0 of its vocab is a list of 2'],
  [
    'that lowercases',
    { normalizer: { type: 'Lowercase' } },
    "step 1 of its normalizer, an object of Lowercase, is not one of T5's",
  ],
  [
    'with another pre-tokenizer',
    { pre_tokenizer: { type: 'ByteLevel' } },
    "an object of ByteLevel, is not T5's Metaspace",
  ],
  [
    'with a hole in its ids',
    { added_tokens: [{ id: 600, content: '<x>' }] },
    'has id 600, the ids before it end at 581',
  ],
  [
    'with many special tokens',
    { added_tokens: Array.from({ length: 10_001 }, (_, i) => ({ id: 582 + i, content: `<${i}>` })) },
    'it has 10001 special tokens, at most 10000 are read',
  ],
  ['nested deeply', { truncation: JSON.parse('['.repeat(32) + ']'.repeat(32)) }, 'to 33 levels, at most 32 are read'],
  ['of many values', { truncation: new Array(1_000_000).fill(0) }, 'values, at most 1000000 are read'],
  [
    'of many names',
    { truncation: Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [`${i}a`, 0])) },
    'values with names, at most 100000 are read',
  ],
] as const)('a tokenizer.json %s is refused', ([, change, message]) => {
  const bytes = new TextEncoder().encode(JSON.stringify({ ...value, ...change }));
  expect(() => openTokenizer(bytes, 'tokenizer.json')).toThrow(
    expect.objectContaining({ code: 'file-invalid', message: expect.stringContaining(message) }),
  );
});
