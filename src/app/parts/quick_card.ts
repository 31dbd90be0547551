/** What will run, how long it takes, and the button. While it runs, the button is Stop, in the same place. */
import { html, nothing, type TemplateResult } from 'lit';
import type { PresetRow } from '../../../workers/engine_api';
import { byteCount, duration, durationRange, grouped, size } from '../format';
import { machineState } from '../state/machine';
import { choice, run, start, stop } from '../state/run';
import { check } from '../state/self_check';
import { words } from '../state/settings';
import { dotted } from './dotted';
import { progressPanel } from './progress_panel';

const STEP_CHOICES = [3, 5, 10] as const;

/** The limit that the engine keeps to when it chooses the size itself. */
const AUTOMATIC_SECONDS = 30;

export function quickCard(): TemplateResult {
  const { quick } = words.value;
  const state = run.value;
  const presets = machineState.value.name === 'ready' ? machineState.value.presets : [];
  return html`
    <section class="quick" aria-labelledby="quick-heading">
      <div class="what">
        <h2 id="quick-heading">${quick.name} <span class="tag">${quick.tag}</span></h2>
        <p>${quick.what}</p>
      </div>
      <div class="start-row">
        ${mainButton()}
        ${state.name === 'running' ? nothing : html`<p class="estimate">${dotted(estimate(presets))}</p>`}
      </div>
      ${options(presets)} ${state.name === 'running' ? progressPanel(state.progress) : nothing}
    </section>
  `;
}

/** One element in all states, so that the focus stays when Start becomes Stop. */
function mainButton() {
  const { quick } = words.value;
  const state = run.value;
  const stopping = state.name === 'running' && state.stopping;
  const ready = machineState.value.name === 'ready' && check.value.name !== 'running';
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

function options(presets: readonly PresetRow[]) {
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
          ${presets.map((row) => html`<option value=${row.id} .selected=${row.id === preset}>${presetLine(row)}</option>`)}
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

function presetLine(row: PresetRow): string {
  const { quick } = words.value;
  return quick.presetLine(size(row), row.frames, grouped(row.tokens), quick.estimate(estimateText(row)));
}

const estimateSeconds = ({ stepSeconds, decodeSeconds }: PresetRow) => choice.value.steps * stepSeconds + decodeSeconds;

const estimateText = (row: PresetRow) => {
  const seconds = estimateSeconds(row);
  return seconds > 3600 ? duration(seconds, words.value) : durationRange(seconds, words.value);
};

function estimate(presets: readonly PresetRow[]): string[] {
  const { quick } = words.value;
  const row = presets.find(({ id }) => id === choice.value.preset) ?? automatic(presets);
  const facts = row ? [quick.estimate(estimateText(row)), quick.memory(byteCount(row.peakBytes))] : [];
  return [...facts, quick.download];
}

/** As the engine chooses: the most tokens whose estimate stays under the limit, or the fewest of all. */
function automatic(presets: readonly PresetRow[]): PresetRow | undefined {
  const bySize = [...presets].sort((a, b) => a.tokens - b.tokens);
  return bySize.findLast((row) => estimateSeconds(row) <= AUTOMATIC_SECONDS) ?? bySize[0];
}
