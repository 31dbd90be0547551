/** A section whose chart a narrow screen folds away: its finding stays, and a button brings the rest. */
import { signal } from '@preact/signals-core';
import { html, type TemplateResult } from 'lit';
import { words } from '../state/settings';

/** By their ids. */
export const unfolded = signal<ReadonlySet<string>>(new Set());

export function folding(id: string, heading: string, charts: unknown): TemplateResult {
  const { show, hide, showChart, hideChart } = words.value.result;
  const isOpen = unfolded.value.has(id);
  return html`<section class=${isOpen ? 'folding unfolded' : 'folding'} aria-labelledby="${id}-heading">
    <h3 id="${id}-heading">${heading}</h3>
    ${charts}
    <button
      type="button"
      class="unfold"
      aria-expanded=${isOpen}
      aria-label=${(isOpen ? hideChart : showChart)(heading)}
      @click=${() => toggle(id)}
    >
      ${isOpen ? hide : show}
    </button>
  </section>`;
}

function toggle(id: string): void {
  const next = new Set(unfolded.value);
  if (!next.delete(id)) next.add(id);
  unfolded.value = next;
}
