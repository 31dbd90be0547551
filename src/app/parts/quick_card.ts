/** What will run, how long it takes, and the button. While it runs, the button is Stop, in the same place. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ModePlan, PresetEstimate } from '../../../workers/engine_api';
import { aboutDuration, byteCount, grouped, size } from '../../words/format';
import { busy } from '../state/busy';
import { machineState } from '../state/machine';
import { choice, run, start, stop } from '../state/run';
import { words } from '../state/settings';
import { dotted } from './dotted';
import { progressPanel } from './progress_panel';

const STEP_CHOICES = [3, 5, 10] as const;

export function quickCard(): TemplateResult {
  const { quick } = words.value;
  const state = run.value;
  const plan = machineState.value.name === 'ready' ? (machineState.value.plan?.quick ?? null) : null;
  return html`
    <section class="quick" aria-labelledby="quick-heading">
      <div class="what">
        <h2 id="quick-heading">${quick.name} <span class="tag">${quick.tag}</span></h2>
        <p>${quick.what}</p>
      </div>
      <div class="start-row">
        ${mainButton()}
        ${state.name !== 'running' && plan ? estimate(plan) : nothing}
      </div>
      ${options(plan)} ${state.name === 'running' ? progressPanel(state.progress) : nothing}
    </section>
  `;
}

/** One element in all states, so that the focus stays when Start becomes Stop. */
function mainButton() {
  const { quick } = words.value;
  const state = run.value;
  const stopping = state.name === 'running' && state.stopping;
  const ready = machineState.value.name === 'ready' && busy.value === null;
  const label =
    state.name === 'idle'
      ? quick.start
      : state.name !== 'running'
        ? quick.again
        : stopping
          ? quick.stopping
          : quick.stop;
  return html`<button
    class=${state.name === 'running' ? 'primary stop' : 'primary'}
    ?disabled=${state.name !== 'running' && !ready}
    aria-disabled=${stopping}
    @click=${state.name === 'running' ? stop : start}
  >
    ${label}
  </button>`;
}

function options(plan: ModePlan | null) {
  const { quick } = words.value;
  const { preset, steps } = choice.value;
  const change = (changes: Partial<typeof choice.value>) => {
    choice.value = { ...choice.value, ...changes };
  };
  const picked = (event: Event) => (event.target as HTMLSelectElement).value;
  return html`
    <fieldset class="options" ?disabled=${run.value.name === 'running'}>
      <legend class="visually-hidden">${quick.options}</legend>
      <label>
        <span>${quick.preset}</span>
        <select @change=${(event: Event) => change({ preset: picked(event) || null })}>
          <option value="" .selected=${preset === null}>${quick.auto}</option>
          ${plan?.presets.map((row) => html`<option value=${row.id} .selected=${row.id === preset}>${presetLine(row, plan)}</option>`)}
        </select>
      </label>
      <label>
        <span>${quick.steps}</span>
        <select @change=${(event: Event) => change({ steps: Number(picked(event)) })}>
          ${STEP_CHOICES.map((count) => html`<option value=${count} .selected=${count === steps}>${count}</option>`)}
        </select>
      </label>
    </fieldset>
  `;
}

function presetLine(row: PresetEstimate, { sampleSeconds }: ModePlan): string {
  const { quick } = words.value;
  const time = quick.estimate(about(sampleSeconds + clipSeconds(row)));
  return quick.presetLine(size(row), row.frames, grouped(row.tokens), time);
}

/** One step more than is measured: the first warms up. */
const clipSeconds = ({ encodeSeconds, stepSeconds, decodeSeconds }: PresetEstimate) =>
  encodeSeconds + (choice.value.steps + 1) * stepSeconds + decodeSeconds;

const about = (seconds: number) => aboutDuration(seconds, words.value);

function estimate(plan: ModePlan): TemplateResult {
  const { quick } = words.value;
  const row = plan.presets.find(({ id }) => id === choice.value.preset) ?? automatic(plan);
  const seconds = plan.sampleSeconds + (row ? clipSeconds(row) : 0);
  const facts = [
    quick.estimate(about(seconds)),
    quick.memory(byteCount(row?.peakBytes ?? plan.sampleBytes)),
    quick.download,
  ];
  return html`<div class="estimate">
    <p>${dotted(facts)}</p>
    ${row ? nothing : html`<p>${quick.slicesOnly}</p>`}
  </div>`;
}

/** As the engine chooses, but from estimates: the largest whose clip stays within its limit, or none. */
function automatic({ presets, clipSeconds: limit }: ModePlan): PresetEstimate | undefined {
  return presets.findLast((row) => clipSeconds(row) <= limit);
}
