/** Sections of a report on the page: their texts hold **emphasis** and `code`, their links lead to https alone. */
import { html, type TemplateResult } from 'lit';
import { pieces } from '../../compare/inline_text';
import type { Block, Cell, Table } from '../../compare/report';
import { outerLink } from './outer_link';

export const reportBlocks = (blocks: readonly Block[]): TemplateResult[] => blocks.map(reportBlock);

function reportBlock(block: Block): TemplateResult {
  switch (block.kind) {
    case 'text':
      return html`<p class="prose">${inline(block.text)}</p>`;
    case 'note':
      return html`<p class="notice">${inline(block.text)}</p>`;
    case 'subheading':
      return html`<h4>${block.text}</h4>`;
    case 'points': {
      const items = block.items.map((item) => html`<li>${inline(item)}</li>`);
      return block.numbered ? html`<ol class="prose">${items}</ol>` : html`<ul class="prose">${items}</ul>`;
    }
    case 'table':
      return reportTable(block);
    default:
      return block satisfies never;
  }
}

/** Too many columns for a phone, and rows that are compared with one another: it scrolls in a box of its own. */
function reportTable({ caption, columns, rows }: Table): TemplateResult {
  const plain = caption.replace(/[*`]/g, '');
  const side = (at: number) => (columns[at]?.align === 'end' ? 'numeric' : '');
  return html`<div class="wide" role="group" tabindex="0" aria-label=${plain}>
    <table>
      <caption>${inline(caption)}</caption>
      <thead>
        <tr>${columns.map(({ head }, at) => html`<th scope="col" class=${side(at)}>${head}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) => html`<tr>
            ${cells.map((each, at) => (at === 0 ? html`<th scope="row">${cell(each)}</th>` : html`<td class=${side(at)}>${cell(each)}</td>`))}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function cell(each: Cell) {
  return typeof each === 'string' ? inline(each) : outerLink(each.url, each.text);
}

const inline = (text: string) =>
  pieces(text).map(({ kind, text }) => {
    if (kind === 'plain') return text;
    return kind === 'strong' ? html`<strong>${text}</strong>` : html`<code>${text}</code>`;
  });
