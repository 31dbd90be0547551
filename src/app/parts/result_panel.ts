/**
 * A result, in the order of its reader's questions: how long, how sure, beside
 * whom, why, what happened when, is it steady; then the details; then take it away.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { until } from 'lit/directives/until.js';
import { type Comparison, compareRuns, rowAt } from '../../compare/compare_runs';
import { representatives } from '../../compare/representatives';
import { runOfResult } from '../../compare/run_of';
import { LONGEST_NAME } from '../../compare/schema_parts';
import type { RemarkCode } from '../../core/events';
import type { BenchmarkResult } from '../../core/result';
import { duration, size } from '../../words/format';
import { remarkText } from '../../words/remarks_en';
import { headline } from '../headline';
import { resultText } from '../result_text';
import { matrix } from '../state/cases';
import { failureOf } from '../state/failure';
import { contentWidth } from '../state/layout';
import { renameRun } from '../state/own_runs';
import { referenceRuns } from '../state/references';
import { chooseRun } from '../state/results';
import { words } from '../state/settings';
import { secondText, stepMisses, videoSecond } from '../video_second';
import { besidePublished, onlySliced, whatRanHere } from './beside_published';
import { casesSection } from './cases_section';
import { copyButton } from './copy_button';
import { emphasised } from './emphasis';
import { failureNote } from './failure_note';
import { unfolded } from './folding';
import { kernelTable, roofsAndCounts } from './kernel_table';
import { kindBadge } from './kind';
import { linkButton, linkNote } from './link_button';
import { projectionCheck } from './projection_check';
import { saveButton } from './save_button';

/** `made` is said above a result that was not made just now. */
export function resultPanel(result: BenchmarkResult, made: string | null): TemplateResult {
  const own = runOfResult(result);
  const comparisons = representatives(referenceRuns()).map((run) => compareRuns(own, run));
  const second = videoSecond(own);
  const sentence = headline(comparisons, words.value);
  return html`
    <article class="result" aria-labelledby="result-heading">
      <h2 id="result-heading" class="eyebrow">${made ?? words.value.result.heading}</h2>
      ${second ? html`<p class="headline">${emphasised(secondText(second, words.value))}</p>` : nothing}
      ${sentence ? html`<p class="second-line">${emphasised(sentence)}</p>` : nothing}
      ${basisLine(result, comparisons[0])} ${remarks(result)} ${inTurn(result, comparisons)} ${actions(result, comparisons)}
    </article>
  `;
}

/**
 * One after the other, each in a task of its own: all of them at once would keep the page from answering. They are
 * made anew only for another result, width or language.
 */
function inTurn(result: BenchmarkResult, comparisons: readonly Comparison[]): TemplateResult[] {
  const isMeasuring = matrix.value.name === 'running';
  const sections: (() => unknown)[] = [
    () => besidePublished(result, comparisons),
    () => whatRanHere(result),
    ...(['why', 'when', 'steady', 'memoryTaken'] as const).map((chart) => async () => (await charts())[chart](result)),
    () => projectionCheck(result.checks, stepMisses(runOfResult(result)).length > 0),
    () => (isMeasuring ? nothing : casesSection(result.cases)), // its rows stand beside the progress
    () => kernelTable(result),
    () => roofsAndCounts(result),
    () => howMeasured(result),
  ];
  const page = [contentWidth.value, words.value, referenceRuns(), unfolded.value];
  const from = [result.id, result.cases, isMeasuring, ...page];
  let before: Promise<unknown> = Promise.resolve();
  return sections.map(
    (make) =>
      html`${guard(from, () => {
        const made = before
          .then(pause)
          .then(make)
          .catch((error) => failureNote(failureOf(error)));
        before = made;
        return until(made); // what was there stays until then
      })}`,
  );
}

/** Loaded with the first result. */
const charts = () => import('./result_charts');

/** Not a frame: a hidden tab has none. */
const pause = () => new Promise<void>((resolve) => setTimeout(resolve));

function actions(result: BenchmarkResult, comparisons: readonly Comparison[]): TemplateResult {
  const { result: names, runs } = words.value;
  const rename = (event: Event) => void renameRun(result.id, (event.target as HTMLInputElement).value);
  return html`
    <div class="actions take-away">
      ${saveButton(result)} ${copyButton('result', names.copy, () => resultText(result, comparisons, words.value))}
      ${linkButton(result)} <a class="button" href="#compare" @click=${() => chooseRun(result.id)}>${names.compare}</a>
      <label>
        <span>${names.name}</span>
        <input
          type="text"
          maxlength=${LONGEST_NAME}
          autocomplete="off"
          placeholder=${runs.namePlaceholder}
          .value=${result.name}
          @change=${rename}
        />
      </label>
    </div>
    ${linkNote(result)}
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
  const clip = videoSecond(runOfResult(result));
  return html`<p class="basis">
    ${clip ? html`<span>${names.second.basis(clip.key.frames!, clip.key.steps!)}</span>` : nothing}
    ${comparison ? kindBadge(rowAt(comparison, 'step').own!.kind) : nothing}
    <span>${onlySliced(result) ? names.medianSliced : names.median}: ${duration(seconds, words.value)} ${spread ? `(${spread})` : ''} · ${size(key)}, ${key.frames} ${words.value.units.frame}</span>
  </p>`;
}

/** These make the numbers worse than the machine; the others say how they were made. */
const DISTURBING: readonly RemarkCode[] = ['software-adapter', 'hidden-tab', 'throttled', 'contended', 'busy-before'];

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
      ${result.tuning ? words.value.tuning.sources[result.tuning] : nothing}
    </p>
  </section>`;
}
