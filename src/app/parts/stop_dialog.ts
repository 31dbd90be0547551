/** Esc asks before it stops: a run is minutes of work, and Esc is pressed for many reasons. */
import { html, type TemplateResult } from 'lit';
import { run, stop } from '../state/run';
import { words } from '../state/settings';

export function stopDialog(): TemplateResult {
  const { progress, quick } = words.value;
  return html`<dialog id="stop-dialog" aria-labelledby="stop-question">
    <form method="dialog">
      <p id="stop-question">${progress.confirm}</p>
      <div class="actions">
        <button>${progress.keep}</button>
        <button class="primary" @click=${stop}>${quick.stop}</button>
      </div>
    </form>
  </dialog>`;
}

/** Call once. */
export function askOnEscape(): void {
  addEventListener('keydown', (event) => {
    const dialog = document.querySelector<HTMLDialogElement>('#stop-dialog');
    if (event.key !== 'Escape' || run.value.name !== 'running' || !dialog || dialog.open) return;
    event.preventDefault();
    dialog.showModal();
  });
}
