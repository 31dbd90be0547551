import { describe, expect, test } from 'vitest';
import { DEFAULT_NEGATIVE_PROMPT } from '../../src/core/negative_prompt';
import { cleanPrompt } from '../../src/text/clean_prompt';
import { unescapeClearHtml, unescapeHtml } from '../../src/text/html_entities';
import { repairMojibake } from '../../src/text/mojibake';
import { AWKWARD } from './awkward_prompts';

test.for(AWKWARD)('cleans $prompt as Wan does', ({ prompt, text }) => {
  expect(cleanPrompt(prompt)).toBe(text);
});

test('the published negative prompt is among them, and gets ASCII commas', () => {
  expect(AWKWARD[0]!.prompt).toBe(DEFAULT_NEGATIVE_PROMPT);
  expect(cleanPrompt(DEFAULT_NEGATIVE_PROMPT)).toBe(DEFAULT_NEGATIVE_PROMPT.replaceAll('，', ','));
});

test('white space is what Python takes for it', () => {
  expect(cleanPrompt('\x1f \x85a\u2028\u00a0b\u3000')).toBe('…a b');
  // After a '<' references are read only when control characters have been removed.
  expect(cleanPrompt('<&nbsp;&#65279; b&#133;')).toBe('< \ufeff b…');
});

// Left: what CPython 3.11's html.unescape makes of it. Right: what ftfy 6.3's unescape_html does.
test.for([
  ['&lt;', '<', '<'],
  ['&lt', '<', '&lt'],
  ['&notit;', '¬it;', '&notit;'],
  ['&notin;', '∉', '∉'],
  ['&ampamp;', '&amp;', '&ampamp;'],
  ['&CounterClockwiseContourIntegral;', '∳', '&CounterClockwiseContourIntegral;'],
  ['&COPYSR;', '©SR;', '&COPYSR;'],
  ['&NTILDE; &nTILDE;', '&NTILDE; &nTILDE;', 'Ñ &nTILDE;'],
  ['&SZLIG;', '&SZLIG;', 'SS'],
  ['&#59;', ';', '&#59;'],
  ['&#x41G;', 'AG;', '&#x41G;'],
  ['&#0;', '\ufffd', '\ufffd'],
  ['&#13;', '\r', '\r'],
  ['&#128;&#129;', '€\x81', '€\x81'],
  ['&#11;|&#x7f;|&#64976;|&#x1fffe;', '|||', '|||'],
  ['&#xD83D;', '\ufffd', '\ufffd'],
  ['&#1114112;', '\ufffd', '\ufffd'],
  ['&#; &#x; &; & &&', '&#; &#x; &; & &&', '&#; &#x; &; & &&'],
  ['&bne;', '=⃥', '=⃥'],
])('reads %s as Python and as ftfy do', ([text, python, ftfy]) => {
  expect(unescapeHtml(text!)).toBe(python);
  expect(unescapeClearHtml(text!)).toBe(ftfy);
});

describe('mojibake', () => {
  const misread = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

  test.for(['café', 'naïve — “quoted”', '一个红色的圆形', '🦙', 'ελλάδα', '€5'])('%s is repaired', (text) => {
    expect(repairMojibake(misread(text))).toBe(text);
  });

  // The first ftfy leaves alone too; the others it repairs in part, or by a guess.
  test.for([
    ['what people may write', 'NESTLÉ® Ã¥ CAFÉ… «été»…'],
    ['a line that is not UTF-8 to its end', `caf${misread('é')} é`],
    ['a line with characters of no single byte', `caf${misread('é')} 红`],
    ['a line in which a byte got lost', 'Ã la mode'],
  ])('%s stays as it is', ([, text]) => {
    expect(repairMojibake(text!)).toBe(text);
  });

  test('a line at a time, and as often as it was damaged', () => {
    expect(cleanPrompt(`红 Ã\n${misread(misread('über'))}`)).toBe('红 Ã über');
  });
});
