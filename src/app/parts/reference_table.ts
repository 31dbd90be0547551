/** Every published run with its provenance. Host stages stand last: they say nothing about the card. */
import { html, nothing, type TemplateResult } from 'lit';
import { cardName } from '../../compare/card';
import type { Figure } from '../../core/result';
import type { Run } from '../../core/run';
import { byteCount, day, duration } from '../../words/format';
import { words } from '../state/settings';
import { dataTable } from './data_table';

const time = (figure: Figure | null) =>
  figure ? duration(figure.seconds, words.value) : words.value.comparison.unknown;

/** `rows` are of the reference workload, with every step. */
export function referenceTable(rows: readonly Run[]): TemplateResult {
  const { compare } = words.value;
  const { columns } = compare;
  return dataTable({
    caption: compare.headings.rows,
    rows,
    rowClass: ({ contended }) => (contended ? 'contended' : ''),
    columns: [
      { head: columns.card, cell: cardCell },
      { head: columns.steps, numeric: true, cell: ({ key }) => key.steps ?? words.value.comparison.unknown },
      { head: columns.step, numeric: true, cell: stepCell },
      { head: columns.decode, numeric: true, cell: ({ stages }) => time(stages.decode) },
      { head: columns.encode, numeric: true, cell: encodeCell },
      { head: columns.init, numeric: true, cell: ({ stages }) => time(stages.init) },
      { head: columns.wall, numeric: true, cell: ({ stages }) => time(stages.wall) },
      { head: columns.memory, numeric: true, cell: ({ peakMemoryBytes }) => byteCount(peakMemoryBytes ?? 0) },
      {
        head: columns.offload,
        cell: ({ key }) => (key.offload === 'between-stages' ? compare.offload.on : compare.offload.off),
      },
      { head: columns.source, cell: sourceCell },
    ],
  });
}

function cardCell({ device, name, contended }: Run) {
  const { compare } = words.value;
  return html`${cardName(device.name)}
    <small>${name}${name.includes('480p') ? ` (${compare.named480p})` : ''}</small>
    ${contended ? html`<span class="tag warn">${compare.contended}</span>` : nothing}`;
}

function stepCell({ stages }: Run) {
  const samples = stages.step?.samples ?? [];
  const range = `${Math.min(...samples).toFixed(2)}–${Math.max(...samples).toFixed(2)}`;
  return html`${time(stages.step)} <small>${range}</small>`;
}

function encodeCell({ stages, key }: Run) {
  const { compare } = words.value;
  return html`${time(stages.encode)}
    ${key.textEncoderOn === 'cpu' ? html`<small>${compare.onCpu}</small>` : nothing}`;
}

function sourceCell({ source, date, confidence }: Run) {
  const { compare } = words.value;
  const commit = /@(\w+)/.exec(source.text)?.[1] ?? source.text;
  return html`<a href=${source.url ?? nothing} title=${source.text}>${commit}</a>
    <small>${date ? day(date, words.value) : nothing}, ${confidence ? compare.confidence[confidence] : nothing}</small>`;
}
