/** A failure inside a card: what to do about it, and what was reported. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Failure } from '../state/failure';
import { words } from '../state/settings';

interface FailureOffers {
  readonly heading?: string;
  readonly advice?: string | undefined;
  readonly again?: (() => void) | undefined;
  readonly smallest?: (() => void) | undefined;
}

/** For these a smaller size may be the way out. */
export const isTooMuch = ({ code }: Failure): boolean =>
  code === 'limit-too-low' || code === 'out-of-memory' || code === 'device-lost';

/** `advice` in place of the usual one for its code; `again` offers to try again, `smallest` to choose the smallest size. */
export function failureNote(
  { code, text }: Failure,
  { heading, advice, again, smallest }: FailureOffers = {},
): TemplateResult {
  const { failure } = words.value;
  return html`<div class="failure">
    ${heading ? html`<p><strong>${heading}</strong></p>` : nothing}
    <p>${advice ?? failure.advice[code]}</p>
    <p lang="en"><code>${text}</code></p>
    ${
      again || smallest
        ? html`<p class="actions">
            ${again ? html`<button type="button" @click=${again}>${failure.tryAgain}</button>` : nothing}
            ${smallest ? html`<button type="button" @click=${smallest}>${failure.smallest}</button>` : nothing}
          </p>`
        : nothing
    }
  </div>`;
}

/** Nothing tells this tab when another one has ended its run: what could not be planned is asked again by hand. */
export const askAgain = ({ code }: Failure, ask: () => void): (() => void) | undefined =>
  code === 'gpu-busy' ? ask : undefined;
