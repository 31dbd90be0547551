/**
 * `tokenizer.json`: a tokenizer of Hugging Face's `tokenizers`, here one with a Unigram model as T5's have. Of normalizers
 * and pre-tokenizers only those are read that such tokenizers are made with; others are refused by name.
 */
import { AppError, excerpt } from '../core/errors';
import { textExtent } from '../core/nesting';
import { type Charsmap, readCharsmap } from './charsmap';
import { checkVocabulary, type FastRules, MAX_PIECES, PIECE, type SpecialToken, type Vocabulary } from './vocabulary';

/** T5's has seven. */
const MAX_LEVELS = 32;
/** UMT5-XXL's has a list of two for each of 256,300 pieces, 769,000 in all. */
const MAX_VALUES = 1_000_000;
/** Each of its 304 special tokens has seven. */
const MAX_NAMED = 100_000;

type Refuse = (what: string) => AppError;
type Json = Readonly<Record<string, unknown>>;

/** Throws file-invalid with `name` and the reason. */
export function readTokenizerJson(bytes: Uint8Array, name: string): Vocabulary {
  const refuse: Refuse = (what) => new AppError('file-invalid', `${name}: not a usable tokenizer.json: ${what}.`);
  const file = parse(bytes, refuse);
  const model = objectIn(file, 'model', refuse);
  const { type = 'Unigram', vocab, unk_id: unknownId, byte_fallback: byteFallback = false } = model;
  if (type !== 'Unigram') throw refuse(`its model is ${brief(type)}, the text encoder takes Unigram`);
  if (typeof unknownId !== 'number') throw refuse(`its unk_id is ${brief(unknownId)}, not a number`);
  const { pieces, scores } = readVocab(vocab, refuse);
  const special = readSpecial(file.added_tokens, pieces, refuse);
  for (const { text, id } of special) {
    pieces[id] ??= text;
    scores[id] ??= 0;
  }
  const types = Uint8Array.from(pieces, (piece) => (/^<0x[0-9A-F]{2}>$/.test(piece) ? PIECE.byte : PIECE.normal));
  for (const { id } of special) types[id] = PIECE.control;
  types[unknownId] = PIECE.unknown;
  const { charsmap, ...normalizer } = readNormalizer(file.normalizer, name, refuse);
  return checkVocabulary(
    {
      ...{ pieces, scores: Float64Array.from(scores), types, unknownId, special, charsmap },
      fastRules: {
        ...normalizer,
        ...readPreTokenizer(file.pre_tokenizer, refuse),
        byteFallback: byteFallback === true,
      },
      // The file does not say; SentencePiece's defaults, and T5's.
      ...{ addPrefixSpace: true, removeExtraSpaces: true },
    },
    name,
  );
}

function parse(bytes: Uint8Array, refuse: Refuse): Json {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const { levels, values, named } = textExtent(text);
    if (levels > MAX_LEVELS) throw refuse(`it is nested to ${levels} levels, at most ${MAX_LEVELS} are read`);
    if (values > MAX_VALUES) throw refuse(`it has ${values} values, at most ${MAX_VALUES} are read`);
    if (named > MAX_NAMED) throw refuse(`it has ${named} values with names, at most ${MAX_NAMED} are read`);
    value = JSON.parse(text);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('file-invalid', refuse(`its ${bytes.length} bytes are not JSON`).message, { cause });
  }
  if (!isObject(value)) throw refuse('it is not a JSON object');
  return value;
}

function readVocab(vocab: unknown, refuse: Refuse) {
  if (!Array.isArray(vocab) || vocab.length > MAX_PIECES)
    throw refuse(`its vocab is ${brief(vocab)}, not a list of at most ${MAX_PIECES} pieces`);
  const pieces: string[] = [];
  const scores: number[] = [];
  for (const entry of vocab as unknown[]) {
    const [piece, score] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof piece !== 'string' || typeof score !== 'number')
      throw refuse(`entry ${pieces.length} of its vocab is ${brief(entry)}, not a piece and its score`);
    pieces.push(piece);
    scores.push(score);
  }
  return { pieces, scores };
}

/** In the order of their ids: those that the model lacks come right after its own. */
function readSpecial(list: unknown, pieces: readonly string[], refuse: Refuse): SpecialToken[] {
  if (!Array.isArray(list)) throw refuse(`its added_tokens is ${brief(list)}, not a list`);
  const special = (list as unknown[]).map((entry): SpecialToken => {
    const { content, id, lstrip, rstrip, single_word: singleWord } = isObject(entry) ? entry : {};
    if (typeof content !== 'string' || content === '' || typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0)
      throw refuse(`the added token ${brief(entry)} has no id and text`);
    if (singleWord === true)
      throw refuse(`the added token ${brief(content)} is for whole words only, which is not read`);
    return { text: content, id, lstrip: lstrip === true, rstrip: rstrip === true };
  });
  special.sort((a, b) => a.id - b.id);
  let next = pieces.length;
  for (const { text, id } of special) {
    if (id > next) throw refuse(`the added token ${brief(text)} has id ${id}, the ids before it end at ${next - 1}`);
    if (id === next) next++;
  }
  return special;
}

function readNormalizer(normalizer: unknown, name: string, refuse: Refuse) {
  const steps = sequence(normalizer, 'normalizers', 'normalizer', refuse);
  let charsmap: Charsmap | null = null;
  let [stripRight, mergeSpaces] = [false, false];
  steps.forEach((step, i) => {
    const { type, precompiled_charsmap: base64, strip_left: left, strip_right: right, pattern, content } = step;
    if (type === 'Precompiled' && i === 0) charsmap = base64 ? readCharsmap(fromBase64(base64, refuse), name) : null;
    else if (type === 'Strip' && left === false && right === true && !mergeSpaces) stripRight = true;
    else if (type === 'Replace' && isObject(pattern) && pattern.Regex === ' {2,}' && content === '▁')
      mergeSpaces = true;
    else throw refuse(`step ${i + 1} of its normalizer, ${brief(step)}, is not one of T5's`);
  });
  return { charsmap, stripRight, mergeSpaces };
}

function readPreTokenizer(preTokenizer: unknown, refuse: Refuse) {
  const steps = sequence(preTokenizer, 'pretokenizers', 'pre_tokenizer', refuse);
  const splitAtWhiteSpace = steps[0]?.type === 'WhitespaceSplit';
  const [metaspace, ...others] = splitAtWhiteSpace ? steps.slice(1) : steps;
  if (metaspace?.type !== 'Metaspace' || metaspace.replacement !== '▁' || others.length > 0)
    throw refuse(`its pre_tokenizer, ${brief(preTokenizer)}, is not T5's Metaspace`);
  const { split = true, add_prefix_space: addPrefix = true } = metaspace;
  const { prepend_scheme: prefix = addPrefix === false ? 'never' : 'always' } = metaspace;
  if (prefix !== 'always' && prefix !== 'first' && prefix !== 'never')
    throw refuse(`its prepend_scheme is ${brief(prefix)}, known are always, first and never`);
  return { splitAtWhiteSpace, splitAtMark: split !== false, prefix } satisfies Partial<FastRules>;
}

/** The steps of a `Sequence`, or the one step that is there instead. */
function sequence(value: unknown, key: string, what: string, refuse: Refuse): readonly Json[] {
  if (value === null || value === undefined) return [];
  const steps = isObject(value) && value.type === 'Sequence' ? value[key] : [value];
  if (!Array.isArray(steps) || !steps.every(isObject))
    throw refuse(`its ${what} is ${brief(value)}, not a list of steps`);
  return steps;
}

function fromBase64(text: unknown, refuse: Refuse): Uint8Array {
  try {
    return Uint8Array.from(atob(text as string), (character) => character.charCodeAt(0));
  } catch {
    throw refuse(`its precompiled_charsmap is ${brief(text)}, not base64`);
  }
}

function objectIn(file: Json, key: string, refuse: Refuse): Json {
  const value = file[key];
  if (!isObject(value)) throw refuse(`its ${key} is ${brief(value)}, not an object`);
  return value;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Short and soon, whatever it is. */
function brief(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  // Of a text only: what an object becomes as one, it says itself.
  if (isObject(value))
    return `an object of ${excerpt(typeof value.type === 'string' ? value.type : Object.keys(value).slice(0, 5).join())}`;
  return excerpt(String(JSON.stringify(value)));
}
