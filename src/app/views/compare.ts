/** Own and opened results beside all published runs. Needs no GPU. */
import { signal } from '@preact/signals-core';
import { html, nothing, type TemplateResult } from 'lit';
import { cardName } from '../../compare/card';
import { compareRuns, rowAt } from '../../compare/compare_runs';
import { detailedRuns, representatives } from '../../compare/representatives';
import { runOfResult } from '../../compare/run_of';
import type { BenchmarkResult } from '../../core/result';
import type { Run } from '../../core/run';
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
import { ownRuns } from '../parts/own_runs';
import { referenceTable } from '../parts/reference_table';
import { segmented } from '../parts/segmented';
import { contentWidth } from '../state/layout';
import { references } from '../state/references';
import { chosenResult } from '../state/results';
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
    ${ownRuns()} ${openPanel()} ${clipComparison()}
    ${typeof rows === 'string' ? html`<p class="note">${compare[rows]}</p>` : withReferences(detailedRuns(rows), chosenResult.value)}
    ${livePanel()}
  `;
}

function withReferences(rows: readonly Run[], result: BenchmarkResult | null): TemplateResult {
  const { compare } = words.value;
  const own = result && runOfResult(result);
  const comparisons = own ? representatives(rows).map((run) => compareRuns(own, run)) : [];
  const sentence = headline(comparisons, words.value);
  return html`
    ${sentence ? html`<p class="headline">${emphasised(sentence)}</p>` : nothing}
    ${chart(rows, own)}
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

function chart(rows: readonly Run[], own: Run | null): TemplateResult {
  const { compare, result: names } = words.value;
  const { chart: say } = compare;
  const shown = rows.filter(({ contended }) => !contended);
  const basis = own && shown[0] ? compareRuns(own, shown[0]).basis : 'none';
  const ran = basis === 'run' ? own : basis === 'projection' ? own?.projection : null;
  const bars = [
    ...(own && ran ? [ownRow(own, ran, steps.value)] : []),
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
      ${own && !ran ? html`<p class="note">${names.beside.otherWork}</p>` : nothing} ${kindLegend()}
    </section>
  `;
}

/** Of the published runs: the quickest card's against the slowest card's, at the chosen steps. */
function findingOf(rows: readonly Run[]): string {
  const { compare } = words.value;
  const [slow, ...rest] = representatives(rows);
  const fast = rest.at(-1);
  if (!slow || !fast) return '';
  const { ratio } = rowAt(compareRuns(slow, fast, steps.value), 'total');
  if (ratio === null) return '';
  const names = [fast, slow].map(({ device }) => cardName(device.name)) as [string, string];
  return compare.chart.finding(...names, times(ratio, words.value), steps.value);
}
