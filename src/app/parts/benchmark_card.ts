/** What will run, how long it takes, and the button. While it runs, the button is Stop, in the same place. */
import { html, nothing, type TemplateResult } from 'lit';
import { aboutDuration } from '../../words/format';
import { caseLabel, caseRows } from '../case_rows';
import { busy } from '../state/busy';
import { casesChoice, casesForm, casesOutlook, matrix } from '../state/cases';
import { machineState } from '../state/machine';
import { choice, hasRun, run, start, stop, underWay } from '../state/run';
import { words } from '../state/settings';
import { busyNote } from './busy_note';
import { casesFold, casesSeconds } from './cases_fold';
import { casesTable } from './cases_section';
import { dotted } from './dotted';
import { benchmarkPlan, estimateOf, impossible, modeChoice } from './mode_choice';
import { modeOptions } from './mode_options';
import { progressLine, progressPanel } from './progress_panel';
import { tuningNote } from './tuning_note';

export function benchmarkCard(): TemplateResult {
  return html`
    <section class="benchmark-card" aria-labelledby="card-heading">
      <h2 id="card-heading" class="visually-hidden">${words.value.modes.legend}</h2>
      ${modeChoice()}
      <div class="start-row">${mainButton()} ${underWay.value ? nothing : estimate()} ${busyNote('benchmark')}</div>
      ${progress()} ${modeOptions()} ${casesFold()}
    </section>
  `;
}

/** One element in all states, so that the focus stays when Start becomes Stop. */
function mainButton() {
  const { startRow: say } = words.value;
  const state = underWay.value;
  const stopping = state?.stopping ?? false;
  const label = state ? (stopping ? say.stopping : say.stop) : hasRun.value ? say.again : say.start;
  return html`<button
    class=${state ? 'primary stop' : 'primary'}
    ?disabled=${!state && !canStart()}
    aria-disabled=${stopping}
    @click=${state ? stop : start}
  >
    ${label}
  </button>`;
}

function canStart(): boolean {
  if (machineState.value.name !== 'ready' || busy.value !== null) return false;
  const { when } = casesForm.value;
  if (when !== 'off' && (casesChoice.value === null || casesOutlook.value.name !== 'ready')) return false;
  if (when === 'alone') return true;
  const plan = benchmarkPlan()?.[choice.value.mode];
  return plan === undefined || impossible(estimateOf(choice.value.mode, plan), plan) === null;
}

/** Of all that Start will do. */
function estimate() {
  const { startRow: say, runs, cases } = words.value;
  const { mode } = choice.value;
  const plan = benchmarkPlan()?.[mode];
  if (!plan) return nothing;
  const { when } = casesForm.value;
  const seconds = (when === 'alone' ? 0 : estimateOf(mode, plan).seconds) + (casesSeconds() ?? 0);
  const what = [
    ...(when === 'alone' ? [] : [runs.modes[mode]]),
    ...(when !== 'off' && casesOutlook.value.name === 'ready' ? [cases.counted(casesOutlook.value.plans.length)] : []),
  ];
  return html`<div class="estimate">
    <p>${dotted([what.join(' + '), say.estimate(aboutDuration(seconds, words.value)), say.download])}</p>
  </div>`;
}

function progress() {
  if (run.value.name === 'running') return html`${progressPanel(run.value.progress)} ${tuningNote(run.value.progress)}`;
  const state = matrix.value;
  if (state.name !== 'running') return nothing;
  const { rows, plans } = state;
  const plan = plans[rows.length];
  const line = [
    words.value.cases.result.running(rows.length, plans.length),
    ...(plan ? [caseLabel({ ...plan.wish, ...plan.wish.clip, memoryBytes: plan.memoryBytes }, words.value)] : []),
    progressLine(state.progress),
  ].join(' · ');
  return html`${progressPanel(state.progress, line)}
    ${rows.length > 0 ? html`<div class="coming-rows">${casesTable(caseRows(rows, words.value))}</div>` : nothing}`;
}
