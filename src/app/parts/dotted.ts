import { html, type TemplateResult } from 'lit';

/** Facts in a line, a dot between them. The dot stays at a line's end when the line wraps. */
export function dotted(facts: readonly unknown[]): TemplateResult {
  return html`<span class="dotted">${facts.map((fact) => html`<span>${fact}</span> `)}</span>`;
}
