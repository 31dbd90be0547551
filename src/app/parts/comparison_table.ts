/** Stage by stage: seconds here, seconds there, and the ratio the human way round. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ComparedRow, ComparedStage, Comparison, Difference } from '../../compare/comparison';
import { cardName } from '../../compare/reference_row';
import { duration, grouped } from '../../words/format';
import { ratioText } from '../headline';
import { words } from '../state/settings';
import { dataTable } from './data_table';
import { kindBadge } from './kind';

/** All comparisons are of one result, with references of one number of steps. */
export function comparisonTable(comparisons: readonly Comparison[], caption: string): TemplateResult {
  const { result } = words.value;
  const first = comparisons[0];
  if (!first) return html``;
  return html`
    ${dataTable({
      caption,
      rows: first.rows,
      rowClass: ({ stage }) => (stage === 'total' ? 'total' : ''),
      columns: [
        { head: result.stage, cell: ({ stage }) => stageName(stage, first) },
        {
          head: result.thisGpu,
          numeric: true,
          cell: ({ own }) => html`${duration(own.seconds, words.value)} ${kindBadge(own.kind)}`,
        },
        ...comparisons.map((comparison) => ({
          head: cardName(comparison.reference.card),
          numeric: true,
          cell: ({ stage }: ComparedRow) => referenceCell(comparison, stage),
        })),
      ],
    })}
    ${differenceList(comparisons)}
    <p class="note">${result.hostStages}</p>
  `;
}

function stageName(stage: ComparedStage, { reference }: Comparison): string {
  const { compared } = words.value;
  return stage === 'total' ? compared.total(reference.key.steps) : compared[stage];
}

function referenceCell({ rows, reference: { settings } }: Comparison, stage: ComparedStage) {
  const { reference, ratio } = rows.find((row) => row.stage === stage)!;
  const onCpu = stage === 'encode' && settings.textEncoderOnCpu;
  return html`${duration(reference.seconds, words.value)} ${onCpu ? words.value.compare.onCpu : nothing}
    <small class=${ratio === null ? 'no-ratio' : 'ratio'}>${ratioText(ratio, words.value)}</small>`;
}

function differenceList(comparisons: readonly Comparison[]) {
  const { result } = words.value;
  const texts = new Set(comparisons.flatMap(({ differences }) => differences.map(differenceText)));
  if (texts.size === 0) return nothing;
  return html`<p class="note"><strong>${result.differences}.</strong> ${[...texts].join('; ')}.</p>`;
}

function differenceText({ field, own, reference, otherWork }: Difference): string {
  const { result } = words.value;
  const text = result.difference(result.fields[field], shown(own), shown(reference));
  if (field === 'steps') return `${text} (${result.alignedSteps})`;
  return otherWork ? `${text} (${result.beside.otherWork})` : text;
}

function shown(value: string | number | boolean): string {
  const { result } = words.value;
  if (typeof value === 'boolean') return value ? result.yes : result.no;
  return typeof value === 'number' ? grouped(value) : value;
}
