/** Which server, and what it is to make: a video that was made here, or what the fields say. */
import { html, nothing, type TemplateResult } from 'lit';
import { SERVER_KINDS, SERVER_NAMES, type ServerKind } from '../../servers/server';
import { size as sizeText } from '../../words/format';
import {
  changeAddress,
  changeLiveForm,
  changeLiveSettings,
  liveClip,
  liveForm,
  liveProblems,
  liveSettings,
  localClips,
} from '../state/live';
import { words } from '../state/settings';
import { numberField, type SettingsForm } from './clip_field';

const typed = (event: Event) => (event.target as HTMLInputElement).value;

export function liveFields(isRunning: boolean): TemplateResult {
  return html`<fieldset class="all-fields" ?disabled=${isRunning}>
    ${serverFields()} ${whatToMake()} ${liveClip.value ? nothing : settingFields()}
  </fieldset>`;
}

function serverFields() {
  const { live: say } = words.value;
  const { address, kind, token, card, limitMinutes } = liveForm.value;
  return html`
    ${textField({ name: 'server', label: say.address, why: say.addressWhy, value: address, placeholder: 'http://localhost:8091', change: changeAddress })}
    <div class="fields">
      <label>
        <span>${say.kind}</span>
        <select name="kind" @change=${(event: Event) => changeLiveForm({ kind: (typed(event) || null) as ServerKind | null })}>
          <option value="" .selected=${kind === null}>${say.detect}</option>
          ${SERVER_KINDS.map((each) => html`<option value=${each} .selected=${each === kind}>${SERVER_NAMES[each]}</option>`)}
        </select>
      </label>
      <label>
        <span>${say.limit}</span>
        <input
          type="number"
          name="limit"
          min="0"
          step="any"
          .value=${String(limitMinutes)}
          @change=${(event: Event) => changeLiveForm({ limitMinutes: (event.target as HTMLInputElement).valueAsNumber })}
        />
      </label>
    </div>
    ${textField({ name: 'token', label: say.token, why: say.tokenWhy, value: token, type: 'password', change: (value) => changeLiveForm({ token: value }) })}
    ${textField({ name: 'card', label: say.card, why: say.cardWhy, value: card, placeholder: 'L40S', change: (value) => changeLiveForm({ card: value }) })}
  `;
}

interface TextField {
  readonly name: string;
  readonly label: string;
  readonly why: string;
  readonly value: string;
  readonly type?: 'text' | 'password';
  readonly placeholder?: string;
  readonly change: (value: string) => void;
}

function textField({ name, label, why, value, type = 'text', placeholder = '', change }: TextField) {
  return html`<div class="form-part">
    <label class="address">
      <span>${label}</span>
      <input
        type=${type}
        name=${name}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        placeholder=${placeholder}
        aria-describedby="live-${name}-why"
        .value=${value}
        @input=${(event: Event) => change(typed(event))}
      />
    </label>
    <p class="note" id="live-${name}-why">${why}</p>
  </div>`;
}

function whatToMake() {
  const { live: say } = words.value;
  const clips = localClips.value;
  if (clips.length === 0) return html`<p class="note">${say.noClip}</p>`;
  return html`<label class="address">
    <span>${say.what}</span>
    <select name="clip" @change=${(event: Event) => changeLiveForm({ clip: typed(event) || null })}>
      <option value="" .selected=${liveClip.value === null}>${say.likeForm}</option>
      ${clips.map(
        ({ createdAt, settings }) =>
          html`<option value=${createdAt} .selected=${createdAt === liveForm.value.clip}>${say.likeClip(settings.prompt, sizeText(settings), settings.frames)}</option>`,
      )}
    </select>
  </label>`;
}

function settingFields() {
  const { live: say, generate } = words.value;
  const { size, more } = generate;
  const form: SettingsForm = {
    settings: liveSettings.value,
    problems: liveProblems.value,
    change: changeLiveSettings,
  };
  return html`
    <label class="address">
      <span>${say.prompt}</span>
      <textarea name="live-prompt" rows="2" .value=${liveSettings.value.prompt} @input=${(event: Event) => changeLiveSettings({ prompt: typed(event) })}></textarea>
    </label>
    <div class="fields">
      ${numberField({ form, setting: 'width', label: size.width, step: 32 })}
      ${numberField({ form, setting: 'height', label: size.height, step: 32 })}
      ${numberField({ form, setting: 'frames', label: size.frames, step: 4 })}
      ${numberField({ form, setting: 'steps', label: more.steps })}
      ${numberField({ form, setting: 'guidance', label: more.guidanceScale, step: 'any' })}
      ${numberField({ form, setting: 'shift', label: more.shift, step: 'any' })}
      ${numberField({ form, setting: 'seed', label: more.seed })}
    </div>
  `;
}
