/** From a prompt to the ids of its tokens, as Wan does it: cleaned, cut into pieces, `</s>` at the end. */
import { MOST_PROMPT_CHARACTERS } from '../core/clip';
import { AppError } from '../core/errors';
import { cleanPrompt } from './clean_prompt';
import { PROMPT_TOKENS } from './config';
import { type MappedText, partOf } from './mapped_text';
import { fastText, fastWords, sentencePieceText } from './normalize';
import { readSentencePieceModel } from './sentencepiece_model';
import { mostUnitsAt, type TextIds, textIds } from './text_ids';
import { readTokenizerJson } from './tokenizer_json';
import { buildUnigram, segment, type TokenizerMode, type Unigram } from './unigram';
import type { Vocabulary } from './vocabulary';

/** Of a text once characters are replaced. What the published charsmaps replace with more than two is rare in any language. */
const MOST_REPLACED_CHARACTERS = 2 * MOST_PROMPT_CHARACTERS;

export interface EncodeOptions {
  /** The end of the text included. */
  readonly mostTokens?: number;
  readonly mode?: TokenizerMode;
}

export interface EncodedText {
  /** At most `limit`, the last of them that of `</s>`. */
  readonly ids: readonly number[];
  readonly limit: number;
  /** The end of the text, for which there is no room; mostly empty. */
  readonly cut: string;
  /** Parts of the text that the vocabulary has no pieces for, each once. */
  readonly unknown: readonly string[];
}

export interface Tokenizer {
  readonly vocabulary: Vocabulary;
  /** A text as it is. Throws input-invalid for a limit that is none, and for a text that becomes too long. */
  encode(text: string, options?: EncodeOptions): EncodedText;
}

/** The bytes of a `tokenizer.json` or of a `spiece.model`; `name` is for errors. Throws file-invalid. */
export function openTokenizer(bytes: Uint8Array, name: string): Tokenizer {
  const isJson = bytes[0] === 0x7b; // '{'
  return makeTokenizer(isJson ? readTokenizerJson(bytes, name) : readSentencePieceModel(bytes, name));
}

/** A prompt, cleaned first; `text` is what it became. Throws input-invalid, with both numbers, for one that is too long to be meant. */
export function encodePrompt(
  tokenizer: Tokenizer,
  prompt: string,
  options: EncodeOptions = {},
): EncodedText & { readonly text: string } {
  if (prompt.length > MOST_PROMPT_CHARACTERS)
    throw new AppError(
      'input-invalid',
      `The prompt has ${prompt.length} characters, at most ${MOST_PROMPT_CHARACTERS} are read. Shorten it: the model itself reads ${options.mostTokens ?? PROMPT_TOKENS} tokens.`,
    );
  const text = cleanPrompt(prompt);
  return { ...tokenizer.encode(text, options), text };
}

interface Token {
  readonly id: number;
  /** Where in the text it begins. */
  readonly origin: number;
  /** What of the text has no piece. */
  readonly unknown?: string;
}

export function makeTokenizer(vocabulary: Vocabulary): Tokenizer {
  const unigrams = new Map<TokenizerMode, Unigram>();
  const unigramOf = (mode: TokenizerMode) => {
    const unigram = unigrams.get(mode) ?? buildUnigram(vocabulary, mode);
    unigrams.set(mode, unigram);
    return unigram;
  };
  const { special } = vocabulary;
  const specialIds = textIds(special.map(({ text }) => text));

  function* fastTokens(text: string): Generator<Token> {
    const unigram = unigramOf('fast');
    let begin = 0;
    let characters = 0;
    for (const { at, place } of textsIn(text, specialIds)) {
      const { text: content, id, lstrip, rstrip } = special[place]!;
      const end = at + content.length;
      yield* section(begin, lstrip ? begin + text.slice(begin, at).trimEnd().length : at);
      yield { id, origin: at };
      begin = rstrip ? end + text.slice(end).length - text.slice(end).trimStart().length : end;
    }
    yield* section(begin, text.length);

    function* section(from: number, to: number): Generator<Token> {
      if (from >= to) return;
      const replaced = fastText(partOf(text, from, to), vocabulary);
      characters += replaced.text.length;
      checkLength(characters, text);
      for (const word of fastWords(replaced, vocabulary.fastRules, from === 0)) yield* tokensOf(unigram, word);
    }
  }

  function* sentencePieceTokens(text: string): Generator<Token> {
    const replaced = sentencePieceText(text, vocabulary);
    checkLength(replaced.text.length, text);
    yield* tokensOf(unigramOf('sentencepiece'), replaced);
  }

  return {
    vocabulary,
    encode(text, { mostTokens = PROMPT_TOKENS, mode = 'fast' } = {}) {
      if (!Number.isSafeInteger(mostTokens) || mostTokens < 1)
        throw new AppError('input-invalid', `A prompt cannot have ${mostTokens} tokens at most. Choose 1 or more.`);
      const wellFormed = text.toWellFormed();
      const tokens = [...(mode === 'fast' ? fastTokens(wellFormed) : sentencePieceTokens(wellFormed))];
      const kept = tokens.slice(0, mostTokens - 1);
      return {
        ids: [...kept.map(({ id }) => id), vocabulary.endId],
        limit: mostTokens,
        cut: kept.length < tokens.length ? text.slice(tokens[kept.length]!.origin).trim() : '',
        unknown: [...new Set(kept.flatMap(({ unknown = [] }) => unknown))],
      };
    },
  };
}

const ENCODER = new TextEncoder();

function* tokensOf(unigram: Unigram, { text, origins }: MappedText): Generator<Token> {
  for (const { id, begin, end } of segment(unigram, text)) {
    const origin = origins[begin]!;
    if (id !== unigram.unknownId) yield { id, origin };
    else if (!unigram.bytes) yield { id, origin, unknown: text.slice(begin, end) };
    else for (const byte of ENCODER.encode(text.slice(begin, end))) yield { id: unigram.bytes[byte]!, origin };
  }
}

/** Where the texts are in another that have ids, one after the other; of those that begin at the same place the longest. */
function* textsIn(text: string, texts: TextIds): Generator<{ readonly at: number; readonly place: number }> {
  for (let at = 0; at < text.length; ) {
    let length = mostUnitsAt(texts, text, at);
    while (length > 0 && !texts.ids.has(text.slice(at, at + length))) length--;
    if (length > 0) yield { at, place: texts.ids.get(text.slice(at, at + length))! };
    at += Math.max(length, 1);
  }
}

/** A file may have characters replaced with many: all of the text is cut, however few tokens are kept. */
function checkLength(characters: number, text: string): void {
  if (characters > MOST_REPLACED_CHARACTERS)
    throw new AppError(
      'input-invalid',
      `The tokenizer makes ${characters} characters or more of a prompt of ${text.length}, at most ${MOST_REPLACED_CHARACTERS} are read. Shorten the prompt, or take the tokenizer of google/umt5-xxl.`,
    );
}
