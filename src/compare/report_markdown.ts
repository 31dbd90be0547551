/** A report as Markdown: reads well as it stands, and renders as written. Pure. */
import { pieces } from './inline_text';
import type { Block, Cell, Report } from './report';

export function reportMarkdown({ title, lead, sections }: Report): string {
  const parts = sections.flatMap(({ heading, blocks }) => [`## ${plain(heading)}`, ...blocks.map(block)]);
  return `${[`# ${plain(title)}`, sentence(lead), ...parts].join('\n\n')}\n`.replace(/[\u202f\u00a0]/g, ' ');
}

function block(each: Block): string {
  switch (each.kind) {
    case 'text':
      return sentence(each.text);
    case 'note':
      return `> ${sentence(each.text)}`;
    case 'points':
      return each.items.map((item, at) => `${each.numbered ? `${at + 1}.` : '-'} ${sentence(item)}`).join('\n');
    case 'subheading':
      return `### ${plain(each.text)}`;
    case 'table':
      return [
        sentence(each.caption),
        '',
        row(each.columns.map(({ head }) => head)),
        row(
          each.columns.map(({ align }) => (align === 'end' ? '---:' : ':---')).map((text) => ({ text, isRule: true })),
        ),
        ...each.rows.map(row),
      ].join('\n');
  }
}

const row = (cells: readonly (Cell | { text: string; isRule: true })[]) => `| ${cells.map(cell).join(' | ')} |`;

function cell(each: Cell | { text: string; isRule: true }): string {
  if (typeof each === 'string') return inline(each);
  if ('isRule' in each) return each.text;
  // The parser of addresses leaves out line breaks, and leaves these as they are.
  return `[${plain(each.text)}](<${new URL(each.url).href.replace(/[<>\\|\s]/g, encodeURIComponent)}>)`;
}

/** What begins a list, a heading or a quotation only does so at a line's beginning. */
const sentence = (text: string) => inline(text).replace(/^([#>+-]|\d+[.)])(?=\s|$)/, '\\$1');

const inline = (text: string) =>
  pieces(text)
    .map(({ kind, text }) => {
      if (kind === 'code') return `\`${text.replaceAll('|', '\\|')}\``;
      return kind === 'strong' ? `**${plain(text)}**` : plain(text);
    })
    .join('');

/** An underscore within a word marks nothing. */
const plain = (text: string) =>
  text
    .replace(/[\\`*[\]|~]|<(?=[\p{L}/!?])|&(?=[\p{L}#])|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replace(/\s*\n\s*/g, ' ');
