/** Esc asks before it stops: a run is minutes of work, and Esc is pressed for many reasons. */
import { html, type TemplateResult } from 'lit';
import { run, stop } from '../state/run';
import { words } from '../state/settings';
import { measuring, stopMeasuring } from '../state/streaming';

export function stopDialog(): TemplateResult {
  const { progress, quick } = words.value;
  return html`<dialog id="stop-dialog" aria-labelledby="stop-question">
    <form method="dialog">
      <p id="stop-question">${progress.confirm}</p>
      <div class="actions">
        <button>${progress.keep}</button>
        <button class="primary" @click=${stopEither}>${quick.stop}</button>
      </div>
    </form>
  </dialog>`;
}

const isRunning = () => run.value.name === 'running' || measuring.value.name === 'running';

const stopEither = () => (run.value.name === 'running' ? stop() : stopMeasuring());

/** Call once. */
export function askOnEscape(): void {
  addEventListener('keydown', (event) => {
    const dialog = document.querySelector<HTMLDialogElement>('#stop-dialog');
    if (event.key !== 'Escape' || !isRunning() || !dialog || dialog.open) return;
    event.preventDefault();
    dialog.showModal();
  });
}
