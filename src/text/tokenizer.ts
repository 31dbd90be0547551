/** From a prompt to the ids of its tokens, as Wan does it: cleaned, cut into pieces, `</s>` at the end. */
import { MOST_PROMPT_CHARACTERS } from '../core/clip';
import { AppError } from '../core/errors';
import { cleanPrompt } from './clean_prompt';
import { PROMPT_TOKENS } from './config';
import { type MappedText, partOf } from './mapped_text';
import { fastWords, sentencePieceText } from './normalize';
import { readSentencePieceModel } from './sentencepiece_model';
import { readTokenizerJson } from './tokenizer_json';
import { buildUnigram, segment, type TokenizerMode, type Unigram } from './unigram';
import type { SpecialToken, Vocabulary } from './vocabulary';

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
  /** A text as it is. Throws input-invalid for a limit that is none. */
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
  const special = specialPattern(vocabulary.special);
  const specialIds = new Map(vocabulary.special.map((token) => [token.text, token]));

  function* fastTokens(text: string): Generator<Token> {
    const unigram = unigramOf('fast');
    let begin = 0;
    for (const match of special ? text.matchAll(special) : []) {
      const { text: content, id, lstrip, rstrip } = specialIds.get(match[0])!;
      const end = match.index + content.length;
      yield* section(begin, lstrip ? begin + text.slice(begin, match.index).trimEnd().length : match.index);
      yield { id, origin: match.index };
      begin = rstrip ? end + text.slice(end).length - text.slice(end).trimStart().length : end;
    }
    yield* section(begin, text.length);

    function* section(from: number, to: number): Generator<Token> {
      if (from >= to) return;
      for (const word of fastWords(partOf(text, from, to), vocabulary, from === 0)) yield* tokensOf(unigram, word);
    }
  }

  return {
    vocabulary,
    encode(text, { mostTokens = PROMPT_TOKENS, mode = 'fast' } = {}) {
      if (!Number.isSafeInteger(mostTokens) || mostTokens < 1)
        throw new AppError('input-invalid', `A prompt cannot have ${mostTokens} tokens at most. Choose 1 or more.`);
      const wellFormed = text.toWellFormed();
      const tokens = [
        ...(mode === 'fast'
          ? fastTokens(wellFormed)
          : tokensOf(unigramOf(mode), sentencePieceText(wellFormed, vocabulary))),
      ];
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

/** The longest of those that begin at the same place. */
function specialPattern(special: readonly SpecialToken[]): RegExp | null {
  if (special.length === 0) return null;
  const longestFirst = special.map(({ text }) => text).sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
}
