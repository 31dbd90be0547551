/** Stage by stage: seconds here, seconds there, and the ratio the human way round. */
import { html, nothing, type TemplateResult } from 'lit';
import { cardName } from '../../compare/card';
import { type Comparison, type Difference, rowAt } from '../../compare/compare_runs';
import type { Words } from '../../words/en';
import { duration, grouped } from '../../words/format';
import { basisText, type RatioWords, ratioText, SHOWN_STAGES } from '../headline';
import { footingText, valueText } from '../run_text';
import { words } from '../state/settings';
import type { OwnName } from './compare_charts';
import { dataTable } from './data_table';
import { kindBadge } from './kind';

type ShownStage = (typeof SHOWN_STAGES)[number];

/** Of the run whose comparisons these are. */
interface Own {
  readonly name: OwnName;
  readonly ratio: RatioWords;
  readonly say: Pick<Words['result'], 'differences' | 'difference' | 'alignedSteps'>;
}

/** All comparisons are of one run, at one work and one number of steps: it has one column. */
export function comparisonTable(comparisons: readonly Comparison[], caption: string, own: Own): TemplateResult {
  const { result } = words.value;
  const first = comparisons[0];
  if (!first) return html``;
  return html`
    ${dataTable({
      caption,
      rows: SHOWN_STAGES,
      rowClass: (stage) => (stage === 'total' ? 'total' : ''),
      columns: [
        { head: result.stage, cell: (stage) => stageName(stage, first) },
        {
          head: own.name.label,
          numeric: true,
          cell: (stage) => ownCell(first, stage),
        },
        ...comparisons.map((comparison) => ({
          head: cardName(comparison.other.device.name),
          numeric: true,
          cell: (stage: ShownStage) => referenceCell(comparison, stage, own.ratio),
        })),
      ],
    })}
    ${basisNotes(comparisons, own)} ${differenceList(comparisons, own)}
  `;
}

function stageName(stage: ShownStage, { steps }: Comparison): string {
  const { compared } = words.value;
  return stage === 'total' ? compared.total(steps ?? 1) : compared[stage];
}

function ownCell(comparison: Comparison, stage: ShownStage) {
  const { own, factor } = rowAt(comparison, stage);
  if (!own) return words.value.comparison.unknown;
  return html`${duration(own.seconds, words.value)} ${kindBadge(own.kind)}
    ${factor === null ? nothing : html`<small>${footingText(comparison, factor, words.value)}</small>`}`;
}

function referenceCell(comparison: Comparison, stage: ShownStage, say: RatioWords) {
  const row = rowAt(comparison, stage);
  const { other, ratio } = row;
  if (!other) return words.value.comparison.unknown;
  const onCpu = stage === 'encode' && comparison.keys.other.textEncoderOn === 'cpu';
  return html`${duration(other.seconds, words.value)} ${onCpu ? words.value.compare.table.onCpu : nothing}
    <small class=${ratio === null ? 'no-ratio' : 'ratio'}>${ratioText(row, words.value, say)}</small>`;
}

/** Each said once: it names the work of both sides. */
function basisNotes(comparisons: readonly Comparison[], { name }: Own) {
  const texts = new Set(
    comparisons.map((comparison) => basisText(comparison, words.value, name.inside)).filter(Boolean),
  );
  return [...texts].map((text) => html`<p class="note">${text}</p>`);
}

function differenceList(comparisons: readonly Comparison[], { say }: Own) {
  const texts = new Set(comparisons.flatMap(({ differences }) => differences.map((each) => differenceText(each, say))));
  if (texts.size === 0) return nothing;
  return html`<p class="note"><strong>${say.differences}.</strong> ${[...texts].join('; ')}.</p>`;
}

function differenceText({ field, own, other, otherWork }: Difference, say: Own['say']): string {
  const { result, comparison } = words.value;
  const text = say.difference(comparison.fields[field], shown(own), shown(other));
  if (field === 'steps') return `${text} (${say.alignedSteps})`;
  return otherWork ? `${text} (${result.beside.otherWork})` : text;
}

function shown(value: Difference['own']): string {
  const { result, comparison } = words.value;
  if (value === null) return comparison.unknown;
  if (typeof value === 'boolean') return value ? result.yes : result.no;
  return typeof value === 'number' ? grouped(value) : valueText(value, words.value);
}
