/** What a tokenizer knows, whichever file it comes from: its pieces, and what is done to a text before it is cut. */
import { AppError } from '../core/errors';
import type { Charsmap } from './charsmap';

/** Kinds of pieces, by the numbers of `sentencepiece_model.proto`. */
export const PIECE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** A text that the fast tokenizer takes for one token wherever it stands. */
export interface SpecialToken {
  readonly text: string;
  readonly id: number;
  /** Takes white space before it, or after it, away. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
}

/** What Hugging Face's fast tokenizer does to a text, as `tokenizer.json` says. */
export interface FastRules {
  readonly stripRight: boolean;
  /** Two spaces or more become one '▁'. */
  readonly mergeSpaces: boolean;
  /** Cuts at white space of any kind, which is lost. */
  readonly splitAtWhiteSpace: boolean;
  /** Whether a '▁' comes before every word and what follows a special token, or only before the first of the text. */
  readonly prefix: 'always' | 'first' | 'never';
  /** Before each '▁' a new word begins; no piece is longer than a word. */
  readonly splitAtMark: boolean;
  readonly byteFallback: boolean;
}

/** What Hugging Face makes of any SentencePiece model: transformers' `convert_slow_tokenizer.py`. */
export const CONVERTED_RULES: FastRules = {
  stripRight: true,
  mergeSpaces: true,
  splitAtWhiteSpace: false,
  prefix: 'always',
  splitAtMark: true,
  byteFallback: false,
};

export interface Vocabulary {
  /** By id, with a '▁' for a space. */
  readonly pieces: readonly string[];
  /** Logarithms of probabilities. */
  readonly scores: Float64Array;
  /** Values of PIECE. */
  readonly types: Uint8Array;
  readonly unknownId: number;
  readonly endId: number;
  readonly special: readonly SpecialToken[];
  readonly charsmap: Charsmap | null;
  readonly fastRules: FastRules;
  /** Of SentencePiece. */
  readonly addPrefixSpace: boolean;
  readonly removeExtraSpaces: boolean;
}

/** The published vocabularies of the kind have 32,000 to 256,384; a million take seconds. */
export const MAX_PIECES = 300_000;
/** In UTF-16 units: SentencePiece trains pieces of 16 characters at most unless told otherwise. A text is looked up in each length, at each place. */
const MAX_PIECE_LENGTH = 32;
/** UMT5-XXL has 304. */
const MAX_SPECIAL = 10_000;
/** `tokenizer.json` of UMT5-XXL has 16.8 MB. */
export const MAX_TOKENIZER_BYTES = 32 * 1024 * 1024;

/** UMT5-XXL: Hugging Face appends 300 pieces that its SentencePiece model does not have. */
const XXL_PIECES = 256_000;
const EXTRA_IDS = 300;

/** Kinds that become special tokens. */
const SPECIAL_TYPES: readonly number[] = [PIECE.unknown, PIECE.control, PIECE.userDefined];

export interface SentencePieces {
  readonly pieces: readonly string[];
  readonly scores: readonly number[];
  readonly types: readonly number[];
  readonly charsmap: Charsmap | null;
  readonly addPrefixSpace: boolean;
  readonly removeExtraSpaces: boolean;
}

/** As Hugging Face converts a SentencePiece model. `name`: the file, for errors. */
export function convertSentencePieces({ pieces, scores, types, ...rest }: SentencePieces, name: string): Vocabulary {
  const extra = pieces.length === XXL_PIECES ? EXTRA_IDS : 0;
  const extraPieces = Array.from({ length: extra }, (_, i) => `<extra_id_${extra - 1 - i}>`);
  const all = [...pieces, ...extraPieces];
  const allTypes = Uint8Array.from([...types, ...extraPieces.map(() => PIECE.control)]);
  const isSpecial = (id: number) => SPECIAL_TYPES.includes(allTypes[id]!);
  return checkVocabulary(
    {
      ...rest,
      pieces: all,
      scores: Float64Array.from([...scores, ...extraPieces.map(() => 0)]),
      types: allTypes,
      unknownId: allTypes.indexOf(PIECE.unknown),
      special: all.flatMap((text, id) => (isSpecial(id) ? { text, id, lstrip: false, rstrip: false } : [])),
      fastRules: CONVERTED_RULES,
    },
    name,
  );
}

/** Throws file-invalid for what no text can be cut with. */
export function checkVocabulary(parts: Omit<Vocabulary, 'endId'>, name: string): Vocabulary {
  const { pieces, scores, types, unknownId, special } = parts;
  const refuse = (what: string) => new AppError('file-invalid', `${name}: not a usable tokenizer: ${what}.`);
  if (pieces.length === 0 || pieces.length > MAX_PIECES)
    throw refuse(`it has ${pieces.length} pieces, read are 1 to ${MAX_PIECES}`);
  if (special.length > MAX_SPECIAL)
    throw refuse(`it has ${special.length} special tokens, at most ${MAX_SPECIAL} are read`);
  if (scores.length !== pieces.length || types.length !== pieces.length)
    throw refuse(`it has ${pieces.length} pieces, but ${scores.length} scores and ${types.length} types`);
  if (pieces[unknownId] === undefined) throw refuse(`it has no piece for what is unknown among its ${pieces.length}`);
  const endId = pieces.indexOf('</s>');
  if (endId < 0) throw refuse(`none of its ${pieces.length} pieces is the end of a text, </s>`);
  const wrong = scores.findIndex((score) => !Number.isFinite(score));
  if (wrong >= 0) throw refuse(`the score of piece ${wrong} is ${scores[wrong]}, not a number`);
  const long = pieces.findIndex((piece) => piece.length > MAX_PIECE_LENGTH);
  if (long >= 0)
    throw refuse(`piece ${long} has ${pieces[long]!.length} characters, at most ${MAX_PIECE_LENGTH} are read`);
  // Those that stand for a piece of another text are not among the pieces.
  const longToken = special.find(({ text }) => text.length > MAX_PIECE_LENGTH);
  if (longToken)
    throw refuse(
      `special token ${longToken.id} has ${longToken.text.length} characters, at most ${MAX_PIECE_LENGTH} are read`,
    );
  return { ...parts, endId };
}
