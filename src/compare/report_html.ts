/**
 * A report as one HTML file: nothing is loaded, nothing runs, everything that
 * comes from the runs is escaped. Follows the reader's colours, prints in black.
 */
import { pieces } from './inline_text';
import type { Block, Cell, Report } from './report';

export function reportHtml({ title, lead, language, sections }: Report): string {
  const body = sections.map(
    ({ id, heading, blocks }) =>
      `<section aria-labelledby="${escaped(id)}">\n<h2 id="${escaped(id)}">${escaped(heading)}</h2>\n${blocks.map(block).join('\n')}\n</section>`,
  );
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p class="lead">${inline(lead)}</p>
${body.join('\n')}
</main>
</body>
</html>
`;
}

function block(each: Block): string {
  switch (each.kind) {
    case 'text':
      return `<p>${inline(each.text)}</p>`;
    case 'note':
      return `<aside>${inline(each.text)}</aside>`;
    case 'points': {
      const tag = each.numbered ? 'ol' : 'ul';
      return `<${tag}>\n${each.items.map((item) => `<li>${inline(item)}</li>`).join('\n')}\n</${tag}>`;
    }
    case 'subheading':
      return `<h3>${escaped(each.text)}</h3>`;
    case 'table': {
      const side = (at: number) => (each.columns[at]?.align === 'end' ? ' class="end"' : '');
      const head = each.columns.map(({ head }, at) => `<th scope="col"${side(at)}>${escaped(head)}</th>`).join('');
      const rows = each.rows.map((cells) => {
        const [first, ...rest] = cells.map(cell);
        return `<tr><th scope="row">${first}</th>${rest.map((text, at) => `<td${side(at + 1)}>${text}</td>`).join('')}</tr>`;
      });
      // A wide table scrolls in its own box, which the keyboard must reach.
      return `<div class="wide" role="region" tabindex="0" aria-label="${escaped(each.caption.replace(/[*`]/g, ''))}">
<table>
<caption>${inline(each.caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>`;
    }
  }
}

function cell(each: Cell): string {
  if (typeof each === 'string') return inline(each);
  return `<a href="${escaped(each.url)}" rel="noreferrer">${escaped(each.text)}</a>`;
}

const inline = (text: string) =>
  pieces(text)
    .map(({ kind, text }) => {
      if (kind === 'plain') return escaped(text);
      return kind === 'strong' ? `<strong>${escaped(text)}</strong>` : `<code>${escaped(text)}</code>`;
    })
    .join('');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1b1d1f, #e8e9ea); --soft: light-dark(#595c60, #a6a9ad);
  --line: light-dark(#d5d7d9, #3a3d40); --paper: light-dark(#ffffff, #14161a); --tint: light-dark(#f3f4f5, #1e2126); }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.6 system-ui, "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p, ul, ol, aside { max-width: 46rem; }
li { margin: .35rem 0; }
.lead { color: var(--soft); }
aside { margin: 1rem 0; padding: .75rem 1rem; background: var(--tint); border-left: 3px solid var(--line); }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.45; font-variant-numeric: tabular-nums; }
caption { text-align: start; color: var(--soft); padding-bottom: .35rem; }
th, td { padding: .35rem .75rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; font-weight: 400; }
thead th { font-weight: 600; white-space: nowrap; }
.end { text-align: end; white-space: nowrap; }
code { font-family: ui-monospace, "Cascadia Mono", Menlo, monospace; font-size: .9em; background: var(--tint); padding: 0 .2em; }
a { color: inherit; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  .wide { overflow: visible; }
  h2, h3 { break-after: avoid; }
  tr, li, aside { break-inside: avoid; }
  table { font-size: 8.5pt; }
}
`;
