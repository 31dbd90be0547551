/**
 * What Wan does to a prompt before it is cut into tokens: `wan/modules/tokenizers.py` with `clean='whitespace'`.
 *
 *     ftfy.fix_text → html.unescape, twice → strip → runs of white space become one space → strip
 *
 * It matters: ftfy turns the fullwidth commas of Wan's own negative prompt into ASCII ones, which are other tokens. Of
 * ftfy 6.3 all deterministic steps are here; the repair of wrongly decoded text is narrower, see `mojibake.ts`.
 */
import { unescapeClearHtml, unescapeHtml } from './html_entities';
import { fixC1Controls, repairMojibake } from './mojibake';

/** The prompt as Wan's tokenizer gets to see it. */
export function cleanPrompt(prompt: string): string {
  return unescapeHtml(unescapeHtml(fixText(prompt)))
    .replace(WHITE_SPACE, ' ')
    .replace(/^ | $/g, '');
}

/** Python's: of `str.strip` and of `\s`. JavaScript's has U+FEFF, and lacks U+001C–1F and U+0085. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python counts them as white space.
const WHITE_SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/** `ftfy.fix_text` with its defaults. */
export function fixText(text: string): string {
  let unescapes = true;
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      // From the first '<' on it is taken for HTML, where references belong.
      unescapes &&= !line.includes('<');
      return fixLine(line, unescapes);
    })
    .join('');
}

/** What people write is done after two. References within references could be thousands deep, each as long as all. */
const MOST_ROUNDS = 50;

/** All steps again until nothing changes: one may uncover what another is for. */
function fixLine(line: string, unescapes: boolean): string {
  let text = line;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = text;
    if (unescapes) text = unescapeClearHtml(text);
    text = STEPS.reduce((changed, step) => step(changed), text);
    if (text === before) break;
  }
  return text;
}

const STEPS: readonly ((text: string) => string)[] = [
  repairAll,
  fixC1Controls,
  (text) => text.replace(LIGATURE, (ligature) => LIGATURES[ligature]!),
  // Fullwidth letters and punctuation, halfwidth katakana and hangul, the ideographic space.
  (text) => text.replace(/[\u3000\uff01-\uffef]/g, (character) => character.normalize('NFKC')),
  (text) => text.replace(/[\u201c-\u201f]/g, '"').replace(/[\u02bc\u2018-\u201b]/g, "'"),
  (text) => text.replace(/\r\n|[\r\u2028\u2029\x85]/g, '\n'),
  (text) => text.toWellFormed(),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what colours text in a terminal begins with one.
  (text) => text.replace(/\x1b\[[\p{Nd};]*[a-zA-Z]/gu, ''),
  (text) => text.replace(/(?![\t\n\f\r\x80-\x9f])\p{Cc}|[\u206a-\u206f\ufeff\ufff9-\ufffc]/gu, ''),
  (text) => text.normalize('NFC'),
];

function repairAll(text: string): string {
  for (let repaired = text; ; text = repaired) {
    repaired = repairMojibake(text);
    if (repaired === text) return text;
  }
}

/** Of Latin letters, and pairs of letters that have one code point for the sake of old encodings. */
const LIGATURES: Readonly<Record<string, string>> = {
  ...{ Ĳ: 'IJ', ĳ: 'ij', ŉ: 'ʼn', ﬀ: 'ff', ﬁ: 'fi', ﬂ: 'fl', ﬃ: 'ffi', ﬄ: 'ffl', ﬅ: 'ſt', ﬆ: 'st' },
  ...{ Ǳ: 'DZ', ǲ: 'Dz', ǳ: 'dz', Ǆ: 'DŽ', ǅ: 'Dž', ǆ: 'dž', Ǉ: 'LJ', ǈ: 'Lj', ǉ: 'lj', Ǌ: 'NJ', ǋ: 'Nj', ǌ: 'nj' },
};
const LIGATURE = new RegExp(`[${Object.keys(LIGATURES).join('')}]`, 'g');
