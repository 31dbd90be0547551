/** One of a few: buttons in a row, the chosen one pressed. */
import { html, type TemplateResult } from 'lit';

export interface Segmented<Value> {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly chosen: Value;
  readonly choose: (value: Value) => void;
}

export function segmented<Value>({ label, options, chosen, choose }: Segmented<Value>): TemplateResult {
  return html`<div class="segmented" role="group" aria-label=${label}>
    <span aria-hidden="true">${label}</span>
    ${options.map(
      (option) =>
        html`<button aria-pressed=${option.value === chosen} @click=${() => choose(option.value)}>${option.label}</button>`,
    )}
  </div>`;
}
