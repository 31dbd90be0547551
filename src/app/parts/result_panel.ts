/** A result, in the order of its reader's questions: headline, where, beside whom, why, how sure, take it away. */
import { html, nothing, type TemplateResult } from 'lit';
import { cardName } from '../../compare/card';
import { type Comparison, compareRuns, rowAt } from '../../compare/compare_runs';
import { representatives } from '../../compare/representatives';
import { runOfResult } from '../../compare/run_of';
import type { RemarkCode } from '../../core/events';
import type { BenchmarkResult } from '../../core/result';
import { duration, grouped, size } from '../../words/format';
import { remarkText } from '../../words/remarks_en';
import { ownRow, referenceBar } from '../charts/bar_rows';
import { stageBars } from '../charts/stage_bars';
import { headline } from '../headline';
import { resultText } from '../result_text';
import { contentWidth } from '../state/layout';
import { referenceRuns } from '../state/references';
import { words } from '../state/settings';
import { comparisonTable } from './comparison_table';
import { copyButton } from './copy_button';
import { emphasised } from './emphasis';
import { kernelTable, roofsAndCounts } from './kernel_table';
import { kindBadge, kindLegend } from './kind';
import { linkButton, linkNote } from './link_button';
import { saveButton } from './save_button';

/** `when` is said above a result that was not made just now. */
export function resultPanel(result: BenchmarkResult, when: string | null): TemplateResult {
  const { result: names } = words.value;
  const own = runOfResult(result);
  const comparisons = representatives(referenceRuns()).map((run) => compareRuns(own, run));
  const sentence = headline(comparisons, words.value);
  return html`
    <article class="result" aria-labelledby="result-heading">
      <h2 id="result-heading" class="eyebrow">${when ?? names.heading}</h2>
      ${sentence ? html`<p class="headline">${emphasised(sentence)}</p>` : nothing}
      ${basisLine(result, comparisons[0])} ${remarks(result)} ${besidePublished(result, comparisons)}
      ${whatRanHere(result)} ${kernelTable(result)} ${roofsAndCounts(result)} ${howMeasured(result)}
      <div class="actions">
        ${saveButton(result)} ${copyButton('result', names.copy, () => resultText(result, comparisons, words.value))}
        ${linkButton(result)}
      </div>
      ${linkNote(result)}
    </article>
  `;
}

/** How sure the headline is: its kind, and the spread of what was really timed. */
function basisLine(result: BenchmarkResult, comparison: Comparison | undefined) {
  const { result: names } = words.value;
  const { stages, key } = result;
  const { samples, seconds } = stages.step;
  const spread =
    samples.length > 1 &&
    names.spread(
      duration(Math.min(...samples), words.value),
      duration(Math.max(...samples), words.value),
      samples.length,
      onlySliced(result),
    );
  return html`<p class="basis">
    ${comparison ? kindBadge(rowAt(comparison, 'step').own!.kind) : nothing}
    <span>${onlySliced(result) ? names.medianSliced : names.median}: ${duration(seconds, words.value)} ${spread ? `(${spread})` : ''} · ${size(key)}, ${key.frames} ${words.value.units.frame}</span>
  </p>`;
}

/** No clip ran whole: all figures are scaled up from slices, and nothing may read as if one had. */
const onlySliced = ({ stages }: BenchmarkResult) => stages.step.kind !== 'measured';

/** These make the numbers worse than the machine; the others say how they were made. */
const DISTURBING: readonly RemarkCode[] = ['software-adapter', 'hidden-tab', 'throttled', 'contended'];

function remarks({ remarks: list }: BenchmarkResult) {
  if (list.length === 0) return nothing;
  return html`
    <aside class=${list.some(({ code }) => DISTURBING.includes(code)) ? 'notice warn' : 'notice'} aria-labelledby="remarks-heading">
      <h3 id="remarks-heading">${words.value.result.remarks}</h3>
      <ul>
        ${list.map((remark) => html`<li>${remarkText(remark, words.value)}</li>`)}
      </ul>
    </aside>
  `;
}

function besidePublished(result: BenchmarkResult, comparisons: readonly Comparison[]) {
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
      ${comparisonTable(comparisons, names.beside.heading)}
    </section>
  `;
}

function whatRanHere(result: BenchmarkResult) {
  const { result: names, stages } = words.value;
  const { key } = result;
  const run = runOfResult(result);
  const row = ownRow(run, run);
  const longest = [...(row.parts ?? [])].sort((a, b) => b.figure.seconds - a.figure.seconds)[0]!;
  const total = row.parts!.reduce((sum, { figure }) => sum + figure.seconds, 0);
  const share = total > 0 ? Math.round((longest.figure.seconds / total) * 100) : 0;
  const finding = names.here.finding(stages[longest.stage], share);
  return html`
    <section aria-labelledby="here-heading">
      <h3 id="here-heading">${onlySliced(result) ? names.here.sliced : names.here.heading}</h3>
      <p class="note">${names.here.line(size(key), key.frames, grouped(key.tokens), key.steps)}</p>
      ${stageBars({ rows: [row], width: contentWidth.value, scale: 'seconds', caption: finding, name: finding })}
    </section>
  `;
}

function howMeasured(result: BenchmarkResult) {
  const { machine, stages, key, engineVersion } = result;
  const { result: names } = words.value;
  const steps = stages.step.samples.length || key.steps;
  return html`<section>
    <h3>${names.how}</h3>
    <p class="prose">
      ${names.howText({
        timestamps: machine.timestamps,
        sliced: onlySliced(result),
        count: steps,
        version: engineVersion,
        runtime: machine.runtime,
      })}
    </p>
  </section>`;
}
