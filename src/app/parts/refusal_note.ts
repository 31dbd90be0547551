/** That a file or a link was not opened, and why. */
import { html, type TemplateResult } from 'lit';
import type { Refusal } from '../../compare/read_result';
import { refusalText } from '../../compare/refusal_text';
import { words } from '../state/settings';

/** `name` of the file; null: it was the link in the page's address. */
export function refusalNote(name: string | null, refusal: Refusal): TemplateResult {
  const { compare, runs } = words.value;
  const what = name === null ? runs.link.refused : compare.refused(name);
  return html`<p class="refused"><strong>${what}</strong> ${refusalText(refusal, words.value)}</p>`;
}
