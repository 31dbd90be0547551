/** Fields of a clip's settings, each with what is wrong with it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ClipProblem, ClipSettings } from '../../core/clip';
import { changeSettings, clipSettings, problems } from '../state/clip_form';
import { words } from '../state/settings';

type NumberSetting = 'width' | 'height' | 'frames' | 'steps' | 'shift' | 'guidance' | 'seed';

/** Whose settings a field shows and changes. */
export interface SettingsForm {
  readonly settings: ClipSettings | null;
  readonly problems: readonly ClipProblem[];
  readonly change: (changes: Partial<ClipSettings>) => void;
}

const generateForm = (): SettingsForm => ({
  settings: clipSettings.value,
  problems: problems.value,
  change: changeSettings,
});

export interface NumberField {
  readonly setting: NumberSetting;
  readonly label: string;
  readonly step?: number | 'any';
  /** Why it cannot be changed now; null: it can. */
  readonly fixed?: string | null;
  /** Generate's, unless another is given. */
  readonly form?: SettingsForm;
}

export function numberField(field: NumberField): TemplateResult {
  const { setting, label, step = 1, fixed = null, form = generateForm() } = field;
  const problem = problemOf(setting, form);
  const value = form.settings?.[setting] ?? Number.NaN;
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
        @change=${(event: Event) => form.change({ [setting]: (event.target as HTMLInputElement).valueAsNumber })}
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
function problemOf(setting: keyof ClipSettings, form = generateForm()): string | null {
  const problem = form.problems.find((each) => each.setting === setting);
  return problem ? words.value.generate.problem[problem.code](problem.value, problem.instead) : null;
}
