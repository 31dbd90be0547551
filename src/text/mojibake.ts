/**
 * Text whose UTF-8 was read as Latin-1 or Windows-1252, one character for each byte: 'cafÃ©' → 'café'.
 *
 * ftfy, which Wan cleans prompts with, guesses among ten encodings and repairs parts of a line, by a long list of
 * sequences that look wrong. Here a line is repaired only where nothing is to guess: all of it comes from one byte for each
 * character, all bytes are valid UTF-8, and it has a sequence that nobody writes on purpose. Such a line ftfy repairs in
 * the same way; what it repairs beyond that (other encodings, parts of lines, bytes lost on the way) stays as it is.
 */

/** Bytes 0x80–0x9f of Windows-1252 as browsers read it: the five that it leaves free are control characters. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const BYTE_OF = new Map([...WINDOWS_1252].map((character, i) => [character, 0x80 + i]));

/**
 * In a text of one character for each byte: a first byte of two (â, Ã, Î, Ð) before a continuation, save …, Œ, Ž, ’ and ¥ that
 * may well follow such a capital; the euro sign; or a first byte of three or four, which reads as a small
 * accented letter, before a symbol that follows no letter.
 */
const TELLTALE =
  /[\xc2\xc3\xce\xd0][\x80-\x84\x86-\x8b\x8d\x8f-\x91\x93-\xa4\xa6-\xbf]|\xe2\x82\xac|[\xe0-\xf4][\x80\x81\x83\x86-\x8a\x8c-\x90\x98\x9c\x9d\x9f\xa2-\xa6\xa8\xaa\xac\xaf\xb8\xba]/;

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One line, repaired where that is certain. What was damaged twice takes two calls. */
export function repairMojibake(line: string): string {
  const bytes = new Uint8Array(line.length);
  for (let i = 0; i < line.length; i++) {
    const byte = BYTE_OF.get(line[i]!) ?? line.charCodeAt(i);
    if (byte > 0xff) return line;
    bytes[i] = byte;
  }
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  if (!TELLTALE.test(characters) && !hasC1Controls(line)) return line;
  try {
    return UTF_8.decode(bytes);
  } catch {
    return line;
  }
}

const C1_CONTROL = /[\x80-\x9f]/g;
const hasC1Controls = (text: string) => text.search(C1_CONTROL) >= 0;

/** Control characters that were meant as Windows-1252: '\x85' → '…'. */
export function fixC1Controls(text: string): string {
  return text.replace(C1_CONTROL, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]!);
}
