/** Every published run with its provenance. Host stages stand last: they say nothing about the card. */
import { html, nothing, type TemplateResult } from 'lit';
import { cardName, type ReferenceRow } from '../../compare/reference_row';
import { byteCount, day, duration } from '../../words/format';
import { words } from '../state/settings';
import { dataTable } from './data_table';

export function referenceTable(rows: readonly ReferenceRow[]): TemplateResult {
  const { compare } = words.value;
  const { columns } = compare;
  const time = (seconds: number) => duration(seconds, words.value);
  return dataTable({
    caption: compare.headings.rows,
    rows,
    rowClass: ({ contended }) => (contended ? 'contended' : ''),
    columns: [
      { head: columns.card, cell: cardCell },
      { head: columns.steps, numeric: true, cell: ({ key }) => key.steps },
      { head: columns.step, numeric: true, cell: stepCell },
      { head: columns.decode, numeric: true, cell: ({ stages }) => time(stages.decode.seconds) },
      { head: columns.encode, numeric: true, cell: encodeCell },
      { head: columns.init, numeric: true, cell: ({ stages }) => time(stages.init.seconds) },
      { head: columns.wall, numeric: true, cell: ({ wallSeconds }) => time(wallSeconds) },
      { head: columns.memory, numeric: true, cell: ({ peakMemoryBytes }) => byteCount(peakMemoryBytes) },
      {
        head: columns.offload,
        cell: ({ settings }) => (settings.offloadBetweenStages ? compare.offload.on : compare.offload.off),
      },
      { head: columns.source, cell: sourceCell },
    ],
  });
}

function cardCell({ card, caseName, contended }: ReferenceRow) {
  const { compare } = words.value;
  return html`${cardName(card)}
    <small>${caseName}${caseName.includes('480p') ? ` (${compare.named480p})` : ''}</small>
    ${contended ? html`<span class="tag warn">${compare.contended}</span>` : nothing}`;
}

function stepCell({ stages }: ReferenceRow) {
  const { samples, seconds } = stages.step;
  const range = `${Math.min(...samples).toFixed(2)}–${Math.max(...samples).toFixed(2)}`;
  return html`${duration(seconds, words.value)} <small>${range}</small>`;
}

function encodeCell({ stages, settings }: ReferenceRow) {
  const { compare } = words.value;
  return html`${duration(stages.encode.seconds, words.value)}
    ${settings.textEncoderOnCpu ? html`<small>${compare.onCpu}</small>` : nothing}`;
}

function sourceCell({ source, date, confidence }: ReferenceRow) {
  const { compare } = words.value;
  const href = `https://github.com/${source.repository}/blob/${source.commit}/${source.path}`;
  return html`<a href=${href} title="${source.repository} ${source.path}">${source.commit}</a>
    <small>${day(date, words.value)}, ${compare.confidence[confidence]}</small>`;
}
