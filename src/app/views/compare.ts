/** Own and opened results beside all published runs. Needs no GPU. */
import { signal } from '@preact/signals-core';
import { html, nothing, type TemplateResult } from 'lit';
import { compareRows } from '../../compare/comparison';
import { cardName, type ReferenceRow, representatives } from '../../compare/reference_row';
import type { BenchmarkResult } from '../../core/result';
import { times } from '../../words/format';
import { ownRow, referenceBar } from '../charts/bar_rows';
import { stageBars } from '../charts/stage_bars';
import { headline } from '../headline';
import { clipComparison } from '../parts/clip_comparison';
import { comparisonTable } from '../parts/comparison_table';
import { emphasised } from '../parts/emphasis';
import { kindLegend } from '../parts/kind';
import { livePanel } from '../parts/live_server';
import { openPanel } from '../parts/open_panel';
import { referenceTable } from '../parts/reference_table';
import { segmented } from '../parts/segmented';
import { contentWidth } from '../state/layout';
import { references } from '../state/references';
import { chosenResult, lastResult, openedResults } from '../state/results';
import { words } from '../state/settings';

const steps = signal(10);
const scale = signal<'seconds' | 'percent'>('seconds');

export function compareView(): TemplateResult {
  const { compare } = words.value;
  const rows = references.value;
  return html`
    <div class="opening">
      <h1 tabindex="-1">${compare.title}</h1>
      <p class="lead">${compare.lead}</p>
    </div>
    ${openPanel()} ${clipComparison()}
    ${typeof rows === 'string' ? html`<p class="note">${compare[rows]}</p>` : withReferences(rows, chosen())}
    ${livePanel()}
  `;
}

function chosen(): BenchmarkResult | null {
  const all = [lastResult.value, ...openedResults.value.map(({ result }) => result)].filter((each) => each !== null);
  return all.find(({ id }) => id === chosenResult.value) ?? all[0] ?? null;
}

function withReferences(rows: readonly ReferenceRow[], result: BenchmarkResult | null): TemplateResult {
  const { compare } = words.value;
  const comparisons = result ? compareRows(result, representatives(rows)) : [];
  return html`
    ${result ? html`<p class="headline">${emphasised(headline(comparisons, words.value))}</p>` : nothing}
    ${chart(rows, result)}
    ${
      result
        ? html`<section aria-labelledby="own-heading">
            <h2 id="own-heading">${compare.headings.own}</h2>
            ${comparisonTable(comparisons, compare.headings.own)}
          </section>`
        : nothing
    }
    <section aria-labelledby="rows-heading">
      <h2 id="rows-heading">${compare.headings.rows}</h2>
      <p class="note prose">${compare.note}</p>
      ${referenceTable(rows)}
    </section>
  `;
}

function chart(rows: readonly ReferenceRow[], result: BenchmarkResult | null): TemplateResult {
  const { compare, result: names } = words.value;
  const { chart: say } = compare;
  const shown = rows.filter(({ contended }) => !contended);
  const basis = result && compareRows(result, shown.slice(0, 1))[0];
  const workload = basis?.differences.some(({ otherWork }) => otherWork) ? null : basis;
  const own = result && workload && (workload.basis === 'run' ? result : result.projection);
  const bars = [
    ...(result && own ? [ownRow(result, own, steps.value)] : []),
    ...shown.map((row) => referenceBar(row, steps.value)),
  ];
  const finding = findingOf(shown);
  return html`
    <section aria-labelledby="chart-heading">
      <h2 id="chart-heading">${say.heading}</h2>
      <p class="note">${say.workload}</p>
      <div class="controls">
        ${segmented({
          label: say.steps,
          options: [5, 10, 50].map((count) => ({ value: count, label: String(count) })),
          chosen: steps.value,
          choose: (count) => {
            steps.value = count;
          },
        })}
        ${segmented({
          label: say.unit,
          options: (['seconds', 'percent'] as const).map((value) => ({ value, label: say[value] })),
          chosen: scale.value,
          choose: (value) => {
            scale.value = value;
          },
        })}
      </div>
      ${stageBars({ rows: bars, width: contentWidth.value, scale: scale.value, caption: finding, name: finding })}
      <p class="note">${say.derivedSteps} ${say.contended}</p>
      ${result && !own ? html`<p class="note">${names.beside.otherWork}</p>` : nothing} ${kindLegend()}
    </section>
  `;
}

/** Of the published runs: the quickest card's against the slowest card's, at the chosen steps. */
function findingOf(rows: readonly ReferenceRow[]): string {
  const { compare } = words.value;
  const [slow, ...rest] = representatives(rows);
  const fast = rest.at(-1);
  if (!slow || !fast) return '';
  const seconds = (row: ReferenceRow) =>
    (referenceBar(row, steps.value).parts ?? []).reduce((sum, { figure }) => sum + figure.seconds, 0);
  const ratio = times(seconds(slow) / seconds(fast), words.value);
  return compare.chart.finding(cardName(fast.card), cardName(slow.card), ratio, steps.value);
}
