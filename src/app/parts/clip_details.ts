/** All that a first video needs no word about: how the prompt is followed, the way through the noise, where weights live. */
import { html, nothing, type TemplateResult } from 'lit';
import { type ClipSettings, DECODERS, type NoiseKind, SCHEDULES, SOLVERS, TOKENIZERS } from '../../core/clip';
import type { VideoModel } from '../../core/clip_run';
import { changeOptions, changeSettings, clipOptions, newSeed, problems } from '../state/clip_form';
import { words } from '../state/settings';
import { numberField, selectField } from './clip_field';
import { linePart } from './line_field';
import { loraPart } from './lora_list';
import { memoryField } from './memory_field';
import { openWhere } from './open_where';
import { segmented } from './segmented';

/** Where the limit begins when one is set. */
const FIRST_LIMIT_GIB = 4;

export function clipDetails(settings: ClipSettings, model: VideoModel): TemplateResult {
  const { more } = words.value.generate;
  const isWrong = problems.value.some(({ setting }) => !['width', 'height', 'frames'].includes(setting));
  return html`<details class="more" ${openWhere(isWrong)}>
    <summary>${more.heading}</summary>
    ${guidancePart(settings, model)} ${tokenizerPart(settings)} ${wayPart(settings)} ${noisePart(settings)}
    ${model.hasTinyDecoder ? decoderPart(settings) : nothing} ${loraPart()} ${memoryPart()} ${linePart()}
  </details>`;
}

function guidancePart({ guidance, negativePrompt }: ClipSettings, { defaults }: VideoModel) {
  const { more } = words.value.generate;
  const isOn = guidance !== 1;
  const change = (event: Event) => {
    const wanted = (event.target as HTMLInputElement).checked;
    changeSettings({ guidance: wanted ? (defaults.guidance === 1 ? 5 : defaults.guidance) : 1 });
  };
  return html`<div class="form-part">
    <label class="check">
      <input type="checkbox" name="guided" .checked=${isOn} @change=${change} />
      ${more.guidanceOn}
    </label>
    ${isOn ? html`<div class="fields">${numberField({ setting: 'guidance', label: more.guidanceScale, step: 'any' })}</div>` : nothing}
    <label class="wide">
      <span>${more.negative}</span>
      <textarea
        name="negative"
        rows="2"
        ?disabled=${!isOn}
        aria-describedby=${isOn ? nothing : 'negative-note'}
        .value=${negativePrompt}
        @input=${(event: Event) => changeSettings({ negativePrompt: (event.target as HTMLTextAreaElement).value })}
      ></textarea>
    </label>
    ${isOn ? nothing : html`<p class="note" id="negative-note">${more.negativeOff}</p>`}
  </div>`;
}

function tokenizerPart({ tokenizer }: ClipSettings) {
  const { more } = words.value.generate;
  return html`<div class="form-part fields">
    ${selectField({
      setting: 'tokenizer',
      label: more.tokenizer,
      values: TOKENIZERS,
      names: more.tokenizers,
      chosen: tokenizer,
      choose: (value) => changeSettings({ tokenizer: value }),
    })}
  </div>`;
}

function wayPart({ schedule, solver }: ClipSettings) {
  const { more } = words.value.generate;
  return html`<div class="form-part fields">
    ${numberField({ setting: 'steps', label: more.steps, fixed: schedule === 'even' ? null : more.stepsFixed })}
    ${numberField({ setting: 'shift', label: more.shift, step: 'any' })}
    ${selectField({
      setting: 'solver',
      label: more.solver,
      values: SOLVERS,
      names: more.solvers,
      chosen: solver,
      choose: (value) => changeSettings({ solver: value }),
    })}
    ${selectField({
      setting: 'schedule',
      label: more.schedule,
      values: SCHEDULES,
      names: more.schedules,
      chosen: schedule,
      choose: (value) => changeSettings({ schedule: value }),
    })}
  </div>`;
}

/** An H100's. */
const USUAL_MULTIPROCESSORS = 132;
const NOISES = ['cpu', 'cuda', 'cuda1536'] as const;

const noiseOf = (kind: (typeof NOISES)[number], multiprocessors: number): NoiseKind =>
  kind === 'cpu' ? 'torch-cpu' : kind === 'cuda' ? `cuda-${multiprocessors}` : `cuda-${multiprocessors}x1536`;

function noisePart({ noise }: ClipSettings) {
  const { more } = words.value.generate;
  const [, count, threads] = /^cuda-(\d+)(x1536)?$/.exec(noise) ?? [];
  const kind = noise === 'torch-cpu' ? 'cpu' : threads ? 'cuda1536' : 'cuda';
  const multiprocessors = Number(count ?? USUAL_MULTIPROCESSORS);
  return html`<div class="form-part fields">
    ${numberField({ setting: 'seed', label: more.seed })}
    <div class="field"><button type="button" @click=${() => changeSettings({ seed: newSeed() })}>${more.newSeed}</button></div>
    ${selectField({
      setting: 'noise',
      label: more.noise,
      values: NOISES,
      names: more.noises,
      chosen: kind,
      choose: (value) => changeSettings({ noise: noiseOf(value, multiprocessors) }),
    })}
    ${
      kind !== 'cpu'
        ? html`<label class="field">
            <span>${more.multiprocessors}</span>
            <input
              type="number"
              name="multiprocessors"
              min="1"
              .value=${String(multiprocessors)}
              @change=${(event: Event) => changeSettings({ noise: noiseOf(kind, (event.target as HTMLInputElement).valueAsNumber) })}
            />
          </label>`
        : nothing
    }
  </div>`;
}

function decoderPart({ decoder }: ClipSettings) {
  const { more } = words.value.generate;
  return html`<div class="form-part fields">
    ${selectField({
      setting: 'decoder',
      label: more.decoder,
      values: DECODERS,
      names: more.decoders,
      chosen: decoder,
      choose: (value) => changeSettings({ decoder: value }),
    })}
  </div>`;
}

function memoryPart() {
  const { more } = words.value.generate;
  const { residency, memoryGib } = clipOptions.value;
  const limit = (event: Event) =>
    changeOptions({ memoryGib: (event.target as HTMLInputElement).checked ? FIRST_LIMIT_GIB : null });
  return html`<div class="form-part residency">
    ${segmented({
      label: more.residency,
      options: (['resident', 'stream'] as const).map((value) => ({ value, label: more.residencies[value] })),
      chosen: residency,
      choose: (value) => changeOptions({ residency: value }),
    })}
    <label class="check"><input type="checkbox" name="limited" .checked=${memoryGib !== null} @change=${limit} /> ${more.limit}</label>
    ${
      memoryGib === null
        ? nothing
        : memoryField({
            label: more.memory,
            slider: more.memorySlider,
            gib: memoryGib,
            change: (gib) => changeOptions({ memoryGib: gib }),
          })
    }
  </div>`;
}
