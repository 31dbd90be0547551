/** Where the time goes: the published clip's stages here and there, and what really ran here. */
import { html, nothing, type TemplateResult } from 'lit';
import { cardName } from '../../compare/card';
import { type Comparison, rowAt } from '../../compare/compare_runs';
import { runOfResult } from '../../compare/run_of';
import type { BenchmarkResult } from '../../core/result';
import { duration, grouped, size } from '../../words/format';
import { ownRow, referenceBar } from '../charts/bar_rows';
import { stageBars } from '../charts/stage_bars';
import { contentWidth } from '../state/layout';
import { words } from '../state/settings';
import { comparisonTable } from './comparison_table';
import { folding } from './folding';
import { kindLegend } from './kind';

/** No clip ran whole: all figures are scaled up from slices, and nothing may read as if one had. */
export const onlySliced = ({ stages }: BenchmarkResult) => stages.step.kind !== 'measured';

export function besidePublished(
  result: BenchmarkResult,
  comparisons: readonly Comparison[],
): TemplateResult | typeof nothing {
  const { result: names } = words.value;
  const first = comparisons[0];
  if (!first) return nothing;
  const { own, other, steps } = { ...first, steps: first.steps! };
  const ran = first.basis === 'run' ? own : own.projection!;
  const total = rowAt(first, 'total');
  const finding = names.beside.finding(
    steps,
    duration(total.own!.seconds, words.value),
    cardName(other.device.name),
    duration(total.other!.seconds, words.value),
  );
  const rows = [ownRow(own, ran, steps), ...comparisons.map((each) => referenceBar(each.other, steps))];
  return html`
    <section aria-labelledby="beside-heading">
      <h3 id="beside-heading">${names.beside.heading}</h3>
      ${stageBars({ rows, width: contentWidth.value, scale: 'seconds', caption: finding, name: finding })}
      ${kindLegend()}
      ${first.basis === 'projection' ? html`<p class="note">${onlySliced(result) ? names.beside.sliced : names.beside.projected}</p>` : nothing}
      ${comparisonTable(comparisons, names.beside.heading, {
        name: { inside: words.value.compare.thisGpu, label: names.thisGpu },
        ratio: names.ratio,
        say: names,
      })}
      <p class="note">${names.hostStages}</p>
    </section>
  `;
}

export function whatRanHere(result: BenchmarkResult): TemplateResult {
  const { result: names, stages } = words.value;
  const { key } = result;
  const run = runOfResult(result);
  const row = ownRow(run, run);
  const longest = [...(row.parts ?? [])].sort((a, b) => b.figure.seconds - a.figure.seconds)[0]!;
  const total = row.parts!.reduce((sum, { figure }) => sum + figure.seconds, 0);
  const share = total > 0 ? Math.round((longest.figure.seconds / total) * 100) : 0;
  const finding = names.here.finding(stages[longest.stage], share);
  return folding(
    'here',
    onlySliced(result) ? names.here.sliced : names.here.heading,
    html`<p class="note">${names.here.line(size(key), key.frames, grouped(key.tokens), key.steps)}</p>
      ${stageBars({ rows: [row], width: contentWidth.value, scale: 'seconds', caption: finding, name: finding })}`,
  );
}
