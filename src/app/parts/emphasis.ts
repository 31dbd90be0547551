import { html, type TemplateResult } from 'lit';

/** 'takes **17 min** here' → the part between the stars in <strong>. */
export function emphasised(text: string): TemplateResult {
  return html`${text.split('**').map((part, index) => (index % 2 ? html`<strong>${part}</strong>` : part))}`;
}
