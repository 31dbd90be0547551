/** Fields of a clip's settings, each with what is wrong with it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ClipSettings } from '../../core/clip';
import { changeSettings, clipSettings, problems } from '../state/clip_form';
import { words } from '../state/settings';

type NumberSetting = 'width' | 'height' | 'frames' | 'steps' | 'shift' | 'guidance' | 'seed';

export interface NumberField {
  readonly setting: NumberSetting;
  readonly label: string;
  readonly step?: number | 'any';
  /** Why it cannot be changed now; null: it can. */
  readonly fixed?: string | null;
}

export function numberField({ setting, label, step = 1, fixed = null }: NumberField): TemplateResult {
  const problem = problemOf(setting);
  const value = clipSettings.value?.[setting] ?? Number.NaN;
  return html`<div class="field remarks">
    <label>
      <span>${label}</span>
      <input
        type="number"
        name=${setting}
        min="0"
        step=${step}
        .value=${Number.isNaN(value) ? '' : String(value)}
        ?disabled=${fixed !== null}
        aria-invalid=${problem ? 'true' : nothing}
        aria-describedby=${problem || fixed ? `${setting}-note` : nothing}
        @change=${(event: Event) => changeSettings({ [setting]: (event.target as HTMLInputElement).valueAsNumber })}
      />
    </label>
    ${problem || fixed ? html`<p class=${problem ? 'bad' : 'note'} id="${setting}-note">${problem ?? fixed}</p>` : nothing}
  </div>`;
}

export interface SelectField<Value extends string> {
  readonly setting: keyof ClipSettings;
  readonly label: string;
  readonly values: readonly Value[];
  readonly names: Readonly<Record<Value, string>>;
  readonly chosen: Value;
  readonly choose: (value: Value) => void;
}

export function selectField<Value extends string>(field: SelectField<Value>): TemplateResult {
  const { setting, label, values, names, chosen, choose } = field;
  const problem = problemOf(setting);
  return html`<div class="field remarks">
    <label>
      <span>${label}</span>
      <select
        name=${setting}
        aria-describedby=${problem ? `${setting}-note` : nothing}
        @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as Value)}
      >
        ${values.map((value) => html`<option value=${value} .selected=${value === chosen}>${names[value]}</option>`)}
      </select>
    </label>
    ${problem ? html`<p class="bad" id="${setting}-note">${problem}</p>` : nothing}
  </div>`;
}

/** In the reader's words; null: nothing is wrong with it. */
export function problemOf(setting: keyof ClipSettings): string | null {
  const problem = problems.value.find((each) => each.setting === setting);
  return problem ? words.value.generate.problem[problem.code](problem.value, problem.instead) : null;
}
