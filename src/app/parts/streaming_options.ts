/** Size, weights, where they live, and how much memory they may take. */
import { html, nothing, type TemplateResult } from 'lit';
import { byteCount, grouped, size } from '../format';
import { busy } from '../state/busy';
import { machineState } from '../state/machine';
import { words } from '../state/settings';
import {
  changeForm,
  GIB,
  MADE_UP,
  type MadeUp,
  probe,
  probeMemory,
  type StreamingForm,
  streamable,
  streamingChoice,
  streamingForm,
} from '../state/streaming';
import { failureNote } from './failure_note';
import { segmented } from './segmented';

const RESIDENCIES = ['resident', 'stream', 'all'] as const;
const STEPS = [1, 2, 3, 4, 5];
/** The transformer takes 20 GB in f32, and no program allows more than was tried. */
const MOST_GIB = 24;
const LEAST_GIB = 0.25;

export function streamingOptions(): TemplateResult {
  const { streaming } = words.value.weights;
  const { residency } = streamingForm.value;
  return html`
    <fieldset class="options" ?disabled=${busy.value === 'streaming'}>
      <legend class="visually-hidden">${streaming.options}</legend>
      ${sizeChoice()} ${weightChoice()} ${stepChoice()}
      <div class="residency">
        ${segmented({
          label: streaming.residency,
          options: RESIDENCIES.map((value) => ({ value, label: streaming.residencies[value] })),
          chosen: residency,
          choose: (value) => changeForm({ residency: value }),
        })}
      </div>
      ${residency === 'stream' ? memoryChoice() : nothing}
    </fieldset>
  `;
}

const picked = (event: Event) => (event.target as HTMLSelectElement).value;

function sizeChoice() {
  const { streaming } = words.value.weights;
  const presets = machineState.value.name === 'ready' ? (machineState.value.plan?.presets ?? []) : [];
  const chosen = streamingChoice.value?.preset;
  return html`<label>
    <span>${streaming.size}</span>
    <select name="size" @change=${(event: Event) => changeForm({ preset: picked(event) })}>
      ${presets.map(
        (preset) => html`<option value=${preset.id} .selected=${preset.id === chosen}>
          ${streaming.sizeLine(size(preset), preset.frames, grouped(preset.tokens))}
        </option>`,
      )}
    </select>
  </label>`;
}

function weightChoice() {
  const { streaming, models } = words.value.weights;
  const { weights } = streamingForm.value;
  const own = streamable.value;
  const isChosen = (id: string) => typeof weights !== 'string' && weights.model === id;
  return html`<label>
    <span>${streaming.weights}</span>
    <select name="weights" @change=${(event: Event) => changeForm({ weights: weightsOf(picked(event)) })}>
      ${MADE_UP.map((type) => html`<option value=${type} .selected=${weights === type}>${streaming.madeUp(type)}</option>`)}
      ${
        own.length > 0
          ? html`<optgroup label=${models.heading}>
              ${own.map(({ id, name }) => html`<option value="model:${id}" .selected=${isChosen(id)}>${name}</option>`)}
            </optgroup>`
          : nothing
      }
    </select>
  </label>`;
}

const weightsOf = (value: string): StreamingForm['weights'] =>
  value.startsWith('model:') ? { model: value.slice('model:'.length) } : (value as MadeUp);

function stepChoice() {
  const { streaming } = words.value.weights;
  return html`<label>
    <span>${streaming.steps}</span>
    <select name="steps" @change=${(event: Event) => changeForm({ steps: Number(picked(event)) })}>
      ${STEPS.map((count) => html`<option value=${count} .selected=${count === streamingForm.value.steps}>${count}</option>`)}
    </select>
  </label>`;
}

function memoryChoice() {
  const { streaming } = words.value.weights;
  const { memoryGib } = streamingForm.value;
  const change = (event: Event) => {
    const value = (event.target as HTMLInputElement).valueAsNumber;
    if (value > 0) changeForm({ memoryGib: Math.min(value, 1024) });
  };
  return html`
    <div class="memory">
      <label for="memory-gib">${streaming.memory}</label>
      <div class="memory-row">
        <input
          type="range"
          aria-label=${streaming.memorySlider}
          min=${LEAST_GIB}
          max=${MOST_GIB}
          step="0.25"
          .value=${String(Math.min(memoryGib, MOST_GIB))}
          aria-valuetext="${memoryGib} ${streaming.memoryUnit}"
          @input=${change}
        />
        <span class="gibibytes">
          <input type="number" id="memory-gib" name="memory" min="0" step="any" .value=${String(memoryGib)} @change=${change} />
          ${streaming.memoryUnit}
        </span>
        <button type="button" ?disabled=${busy.value !== null} @click=${probeMemory}>
          ${probe.value.name === 'running' ? streaming.probing : streaming.probe}
        </button>
      </div>
      <p class="note" role="status">${probeText()}</p>
      ${probe.value.name === 'failed' ? failureNote(probe.value.failure) : nothing}
    </div>
  `;
}

function probeText(): string {
  const { streaming } = words.value.weights;
  if (probe.value.name !== 'done') return streaming.notProbed;
  const { bytes } = probe.value;
  return streaming.probed(byteCount(bytes), bytes === probedMost());
}

/** Where the trying ends (src/gpu/probe.ts). */
const probedMost = () => {
  const software = machineState.value.name === 'ready' && machineState.value.machine.software;
  return (software ? 4 : 24) * GIB;
};
