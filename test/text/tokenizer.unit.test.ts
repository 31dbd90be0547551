import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { DEFAULT_NEGATIVE_PROMPT } from '../../src/core/negative_prompt';
import { readSentencePieceModel } from '../../src/text/sentencepiece_model';
import { encodePrompt, makeTokenizer, openTokenizer } from '../../src/text/tokenizer';
import { readTokenizerJson } from '../../src/text/tokenizer_json';
import { blobSource } from '../../src/weights/byte_source';
import { openSafetensors } from '../../src/weights/checkpoint';
import { demoFile } from '../support/demo_tokenizer';
import { sentencePieceModel } from '../support/sentencepiece_file';
import { AWKWARD } from './awkward_prompts';

const fromJson = openTokenizer(demoFile('tokenizer.json'), 'tokenizer.json');
const fromModel = openTokenizer(demoFile('spiece.model'), 'spiece.model');

test.for(AWKWARD)('$prompt gets the ids of the original software', (wanted) => {
  expect(encodePrompt(fromJson, wanted.prompt)).toMatchObject({ text: wanted.text, ids: wanted.fast });
  expect(encodePrompt(fromModel, wanted.prompt).ids).toEqual(wanted.fastWithCharsmap);
  expect(encodePrompt(fromModel, wanted.prompt, { mode: 'sentencepiece' }).ids).toEqual(wanted.sentencepiece);
});

test.for(['golden-0.safetensors', 'golden-4.safetensors'])('the ids of %s are those of its prompt', async (name) => {
  const bytes = demoFile(name);
  const { tensors, metadata } = await openSafetensors(blobSource(name, new Blob([bytes])));
  const { beginByte, endByte } = tensors.get('in.ids')!;
  const ids = [...new Int32Array(bytes.slice(beginByte, endByte).buffer)];
  expect(ids.length).toBeGreaterThan(5);
  expect(encodePrompt(fromJson, metadata.prompt!).ids).toEqual(ids);
  expect(encodePrompt(fromModel, metadata.prompt!).ids).toEqual(ids);
});

describe('a text that is too long', () => {
  test('keeps the first tokens and </s>, and tells what was cut', () => {
    const text = 'a red circle moving right on a black background';
    const all = fromJson.encode(text);
    expect(all).toMatchObject({ limit: 512, cut: '' });
    const short = fromJson.encode(text, { mostTokens: 6 });
    expect(short).toMatchObject({ ids: [...all.ids.slice(0, 5), 1], limit: 6 });
    expect(text.endsWith(short.cut)).toBe(true);
    expect(short.cut.length).toBeGreaterThan(0);
    // What is left and what was cut are the whole.
    expect(fromJson.encode(text.slice(0, text.length - short.cut.length).trim()).ids).toEqual(short.ids);
    expect(fromJson.encode(text, { mostTokens: all.ids.length })).toMatchObject({ ids: all.ids, cut: '' });
    expect(fromJson.encode(text, { mostTokens: 1 })).toMatchObject({ ids: [1], cut: text });
  });

  test('is cut where a replaced character, a special token or a byte began', () => {
    expect(fromModel.encode('㌀㌀', { mostTokens: 2 }).cut).toBe('㌀㌀');
    expect(fromJson.encode('red</s> blue', { mostTokens: 3 }).cut).toMatch(/^d?<\/s> blue$|^e?d<\/s> blue$/);
    expect(fromModel.encode('a 🦙', { mostTokens: 5, mode: 'sentencepiece' }).cut).toBe('🦙');
  });

  test.for([0, -1, 1.5, Number.NaN])('%d tokens at most are refused', (mostTokens) => {
    expect(() => fromJson.encode('a', { mostTokens })).toThrow(
      new AppError('input-invalid', `A prompt cannot have ${mostTokens} tokens at most. Choose 1 or more.`),
    );
  });
});

describe('what the vocabulary lacks', () => {
  test('is named once, and one <unk> for each run', () => {
    const { ids, unknown } = fromJson.encode('🦙🦙 a 🦙🦙 Ω');
    expect(unknown).toEqual(['🦙🦙', 'Ω']);
    expect(ids.filter((id) => id === 3)).toHaveLength(3);
  });

  test('becomes bytes in SentencePiece mode', () => {
    const { ids, unknown } = fromModel.encode('🦙', { mode: 'sentencepiece' });
    const { pieces } = fromModel.vocabulary;
    expect(ids.map((id) => pieces[id])).toEqual(['▁', '<0xF0>', '<0x9F>', '<0xA6>', '<0x99>', '</s>']);
    expect(unknown).toEqual([]);
  });
});

describe('special tokens in a text', () => {
  const json = JSON.parse(new TextDecoder().decode(demoFile('tokenizer.json')));
  const open = (added: readonly object[]) =>
    openTokenizer(
      new TextEncoder().encode(JSON.stringify({ ...json, added_tokens: [...json.added_tokens, ...added] })),
      'tokenizer.json',
    );
  const first = fromJson.vocabulary.pieces.length;

  test('are one token in fast mode, and plain text in SentencePiece mode', () => {
    expect(fromJson.encode('</s>').ids).toEqual([1, 1]);
    expect(fromModel.encode('</s>').ids).toEqual([1, 1]);
    expect(fromModel.encode('</s>', { mode: 'sentencepiece' }).ids.length).toBeGreaterThan(3);
  });

  test('the longest wins; some take the white space around them away', () => {
    const tokenizer = open([
      { id: first, content: '<x', special: true },
      { id: first + 1, content: '<x>', special: true, lstrip: true, rstrip: true },
    ]);
    const a = tokenizer.encode('a').ids.slice(0, -1);
    expect(tokenizer.encode('<x><x').ids).toEqual([first + 1, first, 1]);
    expect(tokenizer.encode('a  <x>  a').ids).toEqual([...a, first + 1, ...a, 1]);
    expect(tokenizer.vocabulary.pieces.slice(first)).toEqual(['<x', '<x>']);
  });
});

test("UMT5-XXL's 256,000 pieces get the 300 extra ids, open soon and encode 600 tokens soon", () => {
  const special = [
    ['<pad>', 0, 3],
    ['</s>', 0, 3],
    ['<s>', 0, 3],
    ['<unk>', 0, 2],
  ] as const;
  const made = (i: number) => [`${i % 3 ? '' : '▁'}${(i * 7919).toString(36)}`, -5 - (i % 1000) / 100, 1] as const;
  const bytes = sentencePieceModel({ pieces: [...special, ...Array.from({ length: 255_996 }, (_, i) => made(i))] });
  const began = performance.now();
  const tokenizer = openTokenizer(bytes, 'spiece.model');
  tokenizer.encode('');
  const opened = performance.now();
  const text = Array.from({ length: 600 }, (_, i) => (i * 7919 * 33).toString(36)).join(' ');
  const { ids, cut } = tokenizer.encode(text);
  const encoded = performance.now();
  expect(ids).toHaveLength(512);
  expect(cut).not.toBe('');
  expect(opened - began).toBeLessThan(5000);
  expect(encoded - opened).toBeLessThan(500);

  const { pieces } = tokenizer.vocabulary;
  expect([pieces.length, pieces[256_000], pieces[256_299]]).toEqual([256_300, '<extra_id_299>', '<extra_id_0>']);
  expect(tokenizer.encode('<extra_id_0><extra_id_299>').ids).toEqual([256_299, 256_000, 1]);
  expect(tokenizer.encode('<extra_id_0>', { mode: 'sentencepiece' }).ids).not.toContain(256_299);
});

describe('byte fallback, prefixes and splits are those of the file', () => {
  const vocab = ['<pad>', '</s>', '<unk>', '▁', 'a', '▁a', '▁▁', 'a▁a'].map((piece, i) => [
    piece,
    i < 3 ? 0 : piece === '▁▁' ? -1 : -i,
  ]);
  const bytes = Array.from({ length: 256 }, (_, i) => [`<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`, 0]);
  const file = (metaspace: object, model: object = {}, normalizer: object | null = null) =>
    makeTokenizer(
      readTokenizerJson(
        new TextEncoder().encode(
          JSON.stringify({
            added_tokens: [{ id: 1, content: '</s>' }],
            normalizer,
            pre_tokenizer: { type: 'Metaspace', replacement: '▁', ...metaspace },
            model: { type: 'Unigram', unk_id: 2, vocab: [...vocab, ...bytes], ...model },
          }),
        ),
        'tokenizer.json',
      ),
    );
  // As tokenizers 0.23.2 encodes them.
  test.for([
    ['always', {}, 'a a', [5, 5]],
    ['always, after a special token', {}, 'a</s>a', [5, 1, 5]],
    ['first', { prepend_scheme: 'first' }, 'a</s>a', [5, 1, 4]],
    ['never', { prepend_scheme: 'never' }, 'a a', [4, 5]],
    ['never, as older files say it', { add_prefix_space: false }, 'a a', [4, 5]],
    ['without splits', { split: false, prepend_scheme: 'never' }, 'a a', [7]],
    ['two spaces are two words', {}, '  a', [3, 5]],
    ['two spaces without splits', { split: false }, '  a', [6, 4]],
  ] as const)('%s', ([, metaspace, text, ids]) => {
    expect(file(metaspace).encode(text).ids).toEqual([...ids, 1]);
  });

  test('bytes', () => {
    expect(file({}, { byte_fallback: true }).encode('aé').ids).toEqual([5, 8 + 0xc3, 8 + 0xa9, 1]);
    expect(file({}).encode('aé').ids).toEqual([5, 2, 1]);
  });

  test('white space at the end goes, spaces merge', () => {
    const normalizer = {
      type: 'Sequence',
      normalizers: [
        { type: 'Strip', strip_left: false, strip_right: true },
        { type: 'Replace', pattern: { Regex: ' {2,}' }, content: '▁' },
      ],
    };
    expect(file({}, {}, normalizer).encode('a   a \n').ids).toEqual([5, 5, 1]);
  });
});

test('a SentencePiece model says whether it adds and removes spaces', () => {
  const pieces = [
    ['</s>', 0, 3],
    ['<unk>', 0, 2],
    ['▁', -1, 1],
    ['a', -2, 1],
  ] as const;
  const ids = (flags: object) =>
    makeTokenizer(readSentencePieceModel(sentencePieceModel({ pieces, ...flags }), 'x')).encode(' a  a ', {
      mode: 'sentencepiece',
    }).ids;
  expect(ids({})).toEqual([2, 3, 2, 3, 0]);
  expect(ids({ addPrefixSpace: false })).toEqual([3, 2, 3, 0]);
  expect(ids({ removeExtraSpaces: false })).toEqual([2, 2, 3, 2, 2, 3, 2, 0]);
});

test('the published negative prompt is whole in 512 tokens', () => {
  expect(encodePrompt(fromJson, DEFAULT_NEGATIVE_PROMPT).cut).toBe('');
});
