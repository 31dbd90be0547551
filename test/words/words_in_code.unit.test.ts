/** Every word that people see stands in src/words. What counts as seen: shown_literals.ts and shown_markup.ts. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the samples are source text
import { describe, expect, test } from 'vitest';
import { plainWords } from './plain_words';
import { shownLiterals } from './shown_literals';
import { readMarkup } from './shown_markup';

// Not here: the engine's rooms and src/servers. Of their words the page shows the messages of errors, put together from
// parts, as reported under translated advice.
const sources = {
  ...import.meta.glob<string>('../../src/app/**/*.ts', { query: '?raw', import: 'default', eager: true }),
  ...import.meta.glob<string>('../../src/compare/**/*.ts', { query: '?raw', import: 'default', eager: true }),
};
const pages = import.meta.glob<string>('../../index.html', { query: '?raw', import: 'default', eager: true });

const texts = (source: string) => shownLiterals(source).map(({ text }) => text);

describe('words in code', () => {
  test('are none: page and comparison take theirs from the dictionaries', () => {
    const found = Object.entries(sources).flatMap(([file, source]) =>
      shownLiterals(source).map(({ line, text }) => `${file.replace('../../', '')}:${line}: ${text}`),
    );
    expect(Object.keys(sources).length).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });

  test.for([
    ['text between tags', 'html`<p>Nothing here</p>`'],
    ['one word, in lower case', 'html`<b>${x} left</b>`'],
    ['Chinese text', 'html`<p>没有</p>`'],
    ['text of a drawing', 'svg`<text x="0">Time</text>`'],
    ['a title', 'html`<button title="Close"></button>`'],
    ['a label without quotes', 'html`<nav aria-label=Views></nav>`'],
    ['a label with a value in it', 'html`<img alt="Frame ${n}">`'],
    ['a choice in a text', 'html`<p>${ready ? words.x : `about ${time}`}</p>`'],
    ['a choice in a label', 'html`<a aria-label=${on ? "switch off" : label}></a>`'],
    ['a fallback', 'html`<p>${name || "unnamed"}</p>`'],
    ['a template in a template', 'html`<ul>${list.map((each) => html`<li>see ${each}</li>`)}</ul>`'],
    ['a caption', 'dataTable({ caption: "runs", rows })'],
    ['the head of a column', 'const columns = [{ head: `${card} time`, cell }];'],
    ['text given to an element', 'line.textContent = "done";'],
    ["the document's title", 'document.title = `${name} – results`;'],
    ['a label set by name', 'mark.setAttribute("aria-label", "longest step");'],
    ['a sentence anywhere', 'const why = "there is no such run.";'],
    ['a label anywhere', 'return "Save JSON";'],
    ['words between values', 'return `${done} of ${total}`;'],
    ['text of markup in a string', 'return `<h2>${title}</h2><p>none yet</p>`;'],
    ['a sentence of an event handler', 'html`<a @click=${() => say("That was not kept.")}></a>`'],
  ])('%s is found', ([, source]) => {
    expect(texts(source!)).toHaveLength(1);
  });

  test.for([
    ['a word of a dictionary', 'html`<p title=${words.close}>${words.none} ${say(n)}</p>`'],
    ['punctuation, units and names', 'html`<p>${a} · ${b}×${c} GiB, ${d} TFLOP/s – WanScope (${e} %)</p>`'],
    ['code', 'html`<p><code>prompt first</code> f16 rms_norm --seed</p>`'],
    ['classes, ids, addresses', 'html`<a class="bar own" id="last row" href="#${view}" role="img"></a>`'],
    ['a class by choice', 'html`<p class=${bad ? "notice warn" : `bar ${kind} part`}></p>`'],
    ['a value of a field', 'html`<input type="radio" value="resident" name="where they live" />`'],
    ['a path of a drawing', 'svg`<path d="M 0 0 L 10 10" stroke="currentColor" />`'],
    ['markup in a string', 'return `<section class="wide part" id="${id}">${body}</section>`;'],
    ['a style sheet', 'const STYLE = `main { margin: 0 auto; font: 16px "Noto Sans SC", sans-serif; }`;'],
    ['an error', 'throw new AppError("input-invalid", "There is no such run.");'],
    ['an error that is passed on', 'fail(new AppError("unknown", `${n} of ${m} files are missing.`));'],
    ['a comparison', 'if (event.key === "Escape" || types.includes("Files")) close();'],
    ['a case', 'switch (key) { case "Home": move(0); }'],
    ['an import and a type', 'import x from "The Module"; type A = "One thing" | "Another";'],
    ['a state', 'const state = { name: "running", kind: "measured" };'],
    ['a comment', '// This is a sentence.\nhtml`<!-- So is this. -->`'],
  ])('%s is no word in code', ([, source]) => {
    expect(texts(source!)).toEqual([]);
  });

  test('says on which line it stands', () => {
    expect(shownLiterals('const a = 1;\nhtml`<p>Nothing</p>`;')).toEqual([{ line: 2, text: 'Nothing' }]);
  });
});

test('English of the engine is marked as such, and as reported', () => {
  const marked = Object.values(sources).flatMap((source) => source.match(/<\w+[^<]*\slang="en"[^>]*>(<code>)?/g) ?? []);
  expect(marked.length).toBeGreaterThan(4);
  expect(marked.filter((tag) => !tag.startsWith('<code') && !tag.endsWith('<code>'))).toEqual([]);
});

test('the bare page says what the page is, in English, and what it needs, in both languages', () => {
  const [page] = Object.values(pages);
  const { shown } = readMarkup(page!);
  const said = shown.filter((text) => plainWords(text).length > 0);
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/^Benchmark your GPU/); // for search engines, which read no scripts
  expect(said[1]).toMatch(/needs? JavaScript.*需要 JavaScript|JavaScript.*JavaScript/);
});
