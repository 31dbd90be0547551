/** A failure inside a card: what to do about it, and what was reported. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Failure } from '../state/failure';
import { words } from '../state/settings';

/** `advice` in place of the usual one for its code; `again` offers to try again. */
export function failureNote(
  { code, text }: Failure,
  { heading, advice, again }: { heading?: string; advice?: string | undefined; again?: (() => void) | undefined } = {},
): TemplateResult {
  const { failure } = words.value;
  return html`<div class="failure">
    ${heading ? html`<p><strong>${heading}</strong></p>` : nothing}
    <p>${advice ?? failure.advice[code]}</p>
    <p lang="en"><code>${text}</code></p>
    ${again ? html`<p><button @click=${again}>${failure.tryAgain}</button></p>` : nothing}
  </div>`;
}

/** Nothing tells this tab when another one has ended its run: what could not be planned is asked again by hand. */
export const askAgain = ({ code }: Failure, ask: () => void): (() => void) | undefined =>
  code === 'gpu-busy' ? ask : undefined;
