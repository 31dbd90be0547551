/** Settings as one line of text, to be taken over. */
import { html, nothing, type TemplateResult } from 'lit';
import { takeLine, takenLine } from '../state/clip_form';
import { words } from '../state/settings';
import { failureNote } from './failure_note';

export function linePart(): TemplateResult {
  const { more } = words.value.generate;
  const state = takenLine.value;
  return html`<form class="form-part line-field" @submit=${take}>
    <label class="wide">
      <span>${more.line}</span>
      <input type="text" name="line" autocomplete="off" spellcheck="false" placeholder="--prompt '…' --seed 0" aria-describedby="line-note" />
    </label>
    <button>${more.lineTake}</button>
    <p class="note" id="line-note">${more.lineWhy}</p>
    <p role="status">${state.name === 'taken' ? more.lineTaken : ''}</p>
    ${state.name === 'failed' ? failureNote(state.failure, { heading: more.lineFailed, advice: more.lineWhy }) : nothing}
  </form>`;
}

function take(event: Event): void {
  event.preventDefault();
  const input = (event.target as HTMLFormElement).querySelector('input')!;
  takeLine(input.value);
  if (takenLine.value.name === 'taken') input.value = '';
}
