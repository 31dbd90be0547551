/**
 * What happens to a text before it is cut into pieces: characters are replaced by the vocabulary's charsmap, spaces
 * become '▁'. Hugging Face's fast tokenizer and SentencePiece do it in different ways.
 */
import { type Charsmap, findReplacement } from './charsmap';
import { type MappedText, mappedWriter, partOf, replaceMapped, sliceMapped } from './mapped_text';
import type { FastRules, Vocabulary } from './vocabulary';

/** U+2581, in place of a space. */
const MARK = '▁';
const ENCODER = new TextEncoder();
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** White space as Rust has it. JavaScript's has U+FEFF and lacks U+0085. */
const WHITE_SPACE = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const WHITE_SPACES = new RegExp(`${WHITE_SPACE}+`, 'g');
const IS_WHITE_SPACE = new RegExp(WHITE_SPACE);

/** What becomes of a text between special tokens first, as `tokenizers` does it: Precompiled. */
export const fastText = (text: MappedText, { charsmap }: Pick<Vocabulary, 'charsmap'>): MappedText =>
  charsmap ? replaceGraphemes(text, charsmap) : text;

/** The words of that: Strip, Replace; WhitespaceSplit, Metaspace. `isFirst`: the text begins with it. */
export function fastWords(text: MappedText, fastRules: FastRules, isFirst: boolean): MappedText[] {
  const { stripRight, mergeSpaces, splitAtWhiteSpace } = fastRules;
  let normal = text;
  if (stripRight) normal = sliceMapped(normal, 0, lengthWithoutSpace(normal.text));
  if (mergeSpaces) normal = replaceMapped(normal, / {2,}/g, MARK);
  const runs = splitAtWhiteSpace ? splitAt(normal, WHITE_SPACES) : [normal];
  return runs.flatMap((run, i) => (run.text === '' ? [] : markSpaces(run, fastRules, isFirst && i === 0)));
}

function lengthWithoutSpace(text: string): number {
  let length = text.length;
  while (length > 0 && IS_WHITE_SPACE.test(text[length - 1]!)) length--;
  return length;
}

/** What lies between the matches. */
function splitAt(mapped: MappedText, pattern: RegExp): MappedText[] {
  let begin = 0;
  const parts = [...mapped.text.matchAll(pattern)].map(({ 0: match, index }) => {
    const part = sliceMapped(mapped, begin, index);
    begin = index + match.length;
    return part;
  });
  return [...parts, sliceMapped(mapped, begin)];
}

function markSpaces(run: MappedText, { prefix, splitAtMark }: FastRules, isFirst: boolean): MappedText[] {
  let marked = replaceMapped(run, / /g, MARK);
  const wantsPrefix = prefix === 'always' || (prefix === 'first' && isFirst);
  if (wantsPrefix && !marked.text.startsWith(MARK)) marked = replaceMapped(marked, /^/g, MARK);
  if (!splitAtMark) return [marked];
  const begins = [...marked.text.matchAll(/(?!^)▁/g)].map(({ index }) => index);
  return [0, ...begins].map((begin, i) => sliceMapped(marked, begin, begins[i]));
}

/**
 * `Precompiled` of `tokenizers`: short graphemes are looked up whole, then character by character. Of a grapheme that
 * only begins with something known, the rest is lost; so it is there.
 */
function replaceGraphemes(mapped: MappedText, charsmap: Charsmap): MappedText {
  const writer = mappedWriter();
  const replace = (begin: number, end: number) => {
    const found = findReplacement(charsmap, ENCODER.encode(mapped.text.slice(begin, end)), 'shortest');
    if (found) writer.write(found.text, mapped.origins[begin]!);
    return found !== null;
  };
  for (const { segment, index } of GRAPHEMES.segment(mapped.text)) {
    if (ENCODER.encode(segment).length < 6 && replace(index, index + segment.length)) continue;
    let begin = index;
    for (const character of segment) {
      const end = begin + character.length;
      if (!replace(begin, end)) writer.copy(mapped, begin, end);
      begin = end;
    }
  }
  return writer.mapped();
}

/** A whole text as SentencePiece's `Normalizer` makes it. */
export function sentencePieceText(
  text: string,
  { charsmap, addPrefixSpace, removeExtraSpaces }: Vocabulary,
): MappedText {
  const original = partOf(text, 0, text.length);
  if (text === '') return original;
  const writer = mappedWriter();
  if (addPrefixSpace) writer.write(MARK, 0);
  let afterSpace = removeExtraSpaces;
  for (const { characters, origin } of replacedPrefixes(text, charsmap)) {
    const kept = afterSpace ? characters.replace(/^ +/, '') : characters;
    writer.write(kept.replaceAll(' ', MARK), origin);
    if (kept !== '') afterSpace = removeExtraSpaces && kept.endsWith(' ');
  }
  const normal = writer.mapped();
  if (!removeExtraSpaces) return normal;
  let length = normal.text.length;
  while (normal.text[length - 1] === MARK) length--;
  return sliceMapped(normal, 0, length);
}

/** The longest beginning with a replacement, or one character, again and again. */
function* replacedPrefixes(text: string, charsmap: Charsmap | null) {
  const bytes = ENCODER.encode(text);
  let byte = 0;
  for (let at = 0; at < text.length; ) {
    const origin = at;
    const found = charsmap && findReplacement(charsmap, bytes.subarray(byte), 'longest');
    const end = byte + (found?.bytes ?? 1);
    while (byte < end) {
      const code = text.codePointAt(at)!;
      byte += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      at += code < 0x10000 ? 1 : 2;
    }
    yield { characters: found ? found.text : text.slice(origin, at), origin };
  }
}
