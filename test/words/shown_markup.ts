/**
 * Words that HTML shows or speaks: its text, and the attributes that are read out or
 * seen. Text in `<code>`, `<style>` and `<script>` is code. A pass over the tags, no
 * tree: fragments of templates need not be whole documents.
 */

/** Attributes that people see or hear; `data-head` is what tables show on narrow screens. */
const SPOKEN =
  /^\.?(title|alt|label|placeholder|data-head|aria-(label|description|valuetext|roledescription|placeholder))$/i;
const TAG = /<!--[\s\S]*?-->|<(\/?)([a-z!][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/gi;
const ATTRIBUTE = /([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;

export interface Markup {
  /** Texts and spoken attributes. */
  readonly shown: readonly string[];
  /** Values of the other attributes, but for handlers of events. */
  readonly unseen: readonly string[];
}

export function readMarkup(source: string): Markup {
  const shown: string[] = [];
  const unseen: string[] = [];
  let codeDepth = 0;
  let end = 0;
  const text = (to: number) => (codeDepth > 0 ? unseen : shown).push(source.slice(end, to));
  for (const match of source.matchAll(TAG)) {
    const [whole, closing, tag = '', attributes = ''] = match;
    text(match.index);
    end = match.index + whole.length;
    if (/^(code|style|script)$/i.test(tag) && !attributes.endsWith('/')) codeDepth += closing ? -1 : 1;
    const values = [...attributes.matchAll(ATTRIBUTE)].map(([, name, ...value]) => ({
      name: name!,
      value: value.join(''),
    }));
    // Of <meta>, the description is what search engines show.
    const isDescription = values.some(({ name, value }) => name === 'name' && value === 'description');
    for (const { name, value } of values) {
      if (SPOKEN.test(name) || (name === 'content' && isDescription)) shown.push(value);
      else if (!name.startsWith('@')) unseen.push(value);
    }
  }
  text(source.length);
  return { shown: shown.filter((each) => each.trim() !== ''), unseen };
}
