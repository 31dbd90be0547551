/** What goes on before a device's first benchmark, and the way past it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Progress } from '../progress';
import { skipTuning } from '../state/run';
import { words } from '../state/settings';
import { focusSoon } from './focus';

export function tuningNote({ current }: Progress): TemplateResult | typeof nothing {
  if (current !== 'tune') return nothing;
  const { line, skip } = words.value.tuning;
  const press = () => {
    void skipTuning();
    focusSoon('.start-row .primary');
  };
  return html`<p class="tuning">${line} <button type="button" @click=${press}>${skip}</button></p>`;
}
