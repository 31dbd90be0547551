/** Why a run cannot begin: whatever uses the GPU stands in another place, with its Stop. */
import { html, nothing, type TemplateResult } from 'lit';
import { type Busy, busy } from '../state/busy';
import { words } from '../state/settings';

/** Of another run than `own`. */
export const busyNote = (own: Busy): TemplateResult | typeof nothing =>
  busy.value === null || busy.value === own ? nothing : html`<p class="note">${words.value.startRow.busy}</p>`;
