import { expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { findTokenizer, readTokenizer } from '../../src/text/find_tokenizer';
import { encodePrompt } from '../../src/text/tokenizer';
import { type ByteSource, blobSource } from '../../src/weights/byte_source';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { demoFile, demoGguf } from '../support/demo_tokenizer';
import { safetensorsSource } from '../support/safetensors_file';
import { tinySource } from '../support/tiny_checkpoints';
import { AWKWARD } from './awkward_prompts';

const source = (name: string, bytes: Uint8Array<ArrayBuffer>) => blobSource(name, new Blob([bytes]));
const open = async (...files: ByteSource[]) => joinFiles(await Promise.all(files.map((file) => openTensorFile(file))));

const spiece = demoFile('spiece.model');
const norm = { dtype: 'F32', shape: [4], data: new Float32Array(4) } as const;
const plain = safetensorsSource('model.safetensors', { 'norm.weight': norm });
const withTensor = (name: string, bytes = spiece) =>
  safetensorsSource('comfy.safetensors', {
    'norm.weight': norm,
    [name]: { dtype: 'F8_E4M3', shape: [bytes.length], data: bytes },
  });

const json = source('tokenizer/tokenizer.json', demoFile('tokenizer.json'));
const model = source('https://host/a/spiece.model?download=true', spiece);
/** Told apart by what only the files but tokenizer.json have. */
const hasCharsmap = async (...found: Parameters<typeof findTokenizer>) =>
  (await findTokenizer(...found)).vocabulary.charsmap !== null;

test('four sources of one vocabulary give the same ids', async () => {
  const tokenizers = [
    await findTokenizer(await open(plain), [json]),
    await findTokenizer(await open(plain), [model]),
    await findTokenizer(await open(withTensor('spiece_model')), []),
    await findTokenizer(await open(source('encoder.gguf', demoGguf())), []),
  ];
  for (const { prompt, text, fast, fastWithCharsmap, sentencepiece } of AWKWARD) {
    const [first, ...others] = tokenizers.map((tokenizer) => encodePrompt(tokenizer, prompt).ids);
    expect(first, text).toEqual(fast);
    // The demo's tokenizer.json was written without the charsmap that the model has.
    for (const ids of others) expect(ids, text).toEqual(fastWithCharsmap);
    for (const tokenizer of tokenizers.slice(1))
      expect(encodePrompt(tokenizer, prompt, { mode: 'sentencepiece' }).ids, text).toEqual(sentencepiece);
  }
  expect(AWKWARD.filter(({ fast, fastWithCharsmap }) => `${fast}` === `${fastWithCharsmap}`).length).toBeGreaterThan(
    40,
  );
});

test.for([
  ['comfy/umt5_tiny_fp8_e4m3fn_scaled.safetensors', 'fastWithCharsmap'],
  // Converted without the charsmap.
  ['gguf/umt5-tiny-encoder-Q8_0.gguf', 'fast'],
] as const)('the tokenizer in %s is that of the demo', async ([path, ids]) => {
  const tokenizer = await findTokenizer(await open(tinySource(path)), []);
  for (const awkward of AWKWARD) expect(encodePrompt(tokenizer, awkward.prompt).ids).toEqual(awkward[ids]);
});

test('one that someone chose is read whatever it is called, and what is none is refused by its name', async () => {
  const { vocabulary } = await readTokenizer(source('tokenizer (1).json', demoFile('tokenizer.json')));
  expect(vocabulary).toEqual((await findTokenizer(await open(plain), [json])).vocabulary);
  const config = source('tokenizer_config.json', new TextEncoder().encode('{"model_max_length": 512}'));
  await expect(readTokenizer(config)).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringMatching(/^tokenizer_config\.json: /),
  });
});

test('tokenizer.json is preferred to spiece.model, that to tokenizer.model, files to what is inside', async () => {
  const inside = await open(withTensor('text_encoders.umt5xxl.spiece_model'));
  expect(await hasCharsmap(inside, [model, json])).toBe(false);
  expect(await hasCharsmap(inside, [source('README.md', demoFile('tokenizer.json'))])).toBe(true);
  const other = source('tokenizer.model', demoFile('tokenizer.json'));
  expect(await hasCharsmap(await open(plain), [other, model])).toBe(true);
  expect(await hasCharsmap(await open(plain), [other])).toBe(false);
});

test('what is missing is named', async () => {
  await expect(findTokenizer(await open(plain), [source('merges.txt', spiece)])).rejects.toThrow(
    new AppError(
      'weights-missing',
      'There is no tokenizer for model.safetensors: neither tokenizer.json nor spiece.model nor tokenizer.model beside it, nor a tensor spiece_model or GGUF metadata tokenizer.ggml.tokens in it. Put spiece.model or tokenizer.json of google/umt5-xxl beside it.',
    ),
  );
});

test('one that is damaged is an error, though another could be used', async () => {
  const cut = source('spiece.model', spiece.slice(0, 10_000));
  await expect(findTokenizer(await open(withTensor('spiece_model')), [cut])).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringContaining('spiece.model: not a usable SentencePiece model: a message of 10000 bytes'),
  });
});

test('a file too large to be one is not read', async () => {
  const large: ByteSource = { name: 'spiece.model', bytes: 2 ** 40, read: () => Promise.reject(new Error('read')) };
  await expect(findTokenizer(await open(plain), [large])).rejects.toMatchObject({ code: 'file-invalid' });
});

test('a reading that is stopped ends as cancelled', async () => {
  await expect(findTokenizer(await open(plain), [json], AbortSignal.abort())).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test.for([
  ['of another kind', (key: string) => key === 'tokenizer.ggml.model', 'tokenizer.ggml.model is undefined'],
  ['without scores', (key: string) => key === 'tokenizer.ggml.scores', 'tokenizer.ggml.scores is missing'],
] as const)('GGUF metadata %s are refused', async ([, isLeftOut, message]) => {
  const file = source('encoder.gguf', demoGguf({ change: (pairs) => pairs.filter(([key]) => !isLeftOut(key)) }));
  await expect(findTokenizer(await open(file), [])).rejects.toMatchObject({
    code: 'file-invalid',
    message: expect.stringContaining(message),
  });
});
