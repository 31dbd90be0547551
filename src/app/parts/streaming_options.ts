/** Size, weights, where they live, and how much memory they may take. */
import { html, nothing, type TemplateResult } from 'lit';
import { grouped, size } from '../../words/format';
import { busy } from '../state/busy';
import { machineState } from '../state/machine';
import { words } from '../state/settings';
import {
  changeForm,
  MADE_UP,
  type MadeUp,
  type StreamingForm,
  streamable,
  streamingChoice,
  streamingForm,
} from '../state/streaming';
import { memoryField } from './memory_field';
import { segmented } from './segmented';

const RESIDENCIES = ['resident', 'stream', 'all'] as const;
const STEPS = [1, 2, 3, 4, 5];

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
      ${
        residency === 'stream'
          ? memoryField({
              label: streaming.memory,
              slider: streaming.memorySlider,
              gib: streamingForm.value.memoryGib,
              change: (memoryGib) => changeForm({ memoryGib }),
            })
          : nothing
      }
    </fieldset>
  `;
}

const picked = (event: Event) => (event.target as HTMLSelectElement).value;

function sizeChoice() {
  const { streaming } = words.value.weights;
  const presets = machineState.value.name === 'ready' ? (machineState.value.plan?.quick.presets ?? []) : [];
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
