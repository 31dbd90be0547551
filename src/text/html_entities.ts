/** HTML's character references, as Python reads them and, more carefully, as ftfy does. */
import { decodeHTML, decodeHTMLStrict } from 'entities/decode';

/** The pattern of CPython's `html.unescape`: the semicolon may be missing. */
const REFERENCE = /&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/gu;

/** Python's `html.unescape`: the rules of HTML 5, but a reference to what is no character leaves nothing behind. */
export function unescapeHtml(text: string): string {
  return text.replace(REFERENCE, (reference) => (isNoCharacter(reference) ? '' : decodeHTML(reference)));
}

/** Controls and noncharacters; those that HTML maps to something (0, 13, 128–159) are characters. */
function isNoCharacter(reference: string): boolean {
  const [, hex, decimal] = /^&#(?:[xX]([^;]+)|([^;]+))/.exec(reference) ?? [];
  if (hex === undefined && decimal === undefined) return false;
  const code = hex === undefined ? Number.parseInt(decimal!, 10) : Number.parseInt(hex, 16);
  return (
    (code >= 0x01 && code <= 0x08) ||
    code === 0x0b ||
    (code >= 0x0e && code <= 0x1f) ||
    code === 0x7f ||
    (code >= 0xfdd0 && code <= 0xfdef) ||
    (code <= 0x10ffff && (code & 0xfffe) === 0xfffe)
  );
}

/**
 * ftfy's `unescape_html`: references that end in a semicolon only, so that 'this&not that' stays. Names written all in
 * capitals mean the capital: '&EACUTE;' is 'É'.
 */
export function unescapeClearHtml(text: string): string {
  return text.replace(/&#?[0-9A-Za-z]{1,24};/g, (reference) => {
    if (reference.startsWith('&#')) {
      const character = unescapeHtml(reference);
      return character.includes(';') ? reference : character;
    }
    // What HTML reads in part, such as '&COPYSR;', is left alone.
    if (decodeHTML(reference) !== reference) return decodeHTMLStrict(reference);
    const lower = reference.toLowerCase();
    if (reference !== reference.toUpperCase() || decodeHTMLStrict(lower) === lower) return reference;
    return decodeHTMLStrict(lower).toUpperCase();
  });
}
