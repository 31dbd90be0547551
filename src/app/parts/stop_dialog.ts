/** Esc asks before it stops: a run is minutes of work, and Esc is pressed for many reasons. */
import { html, type TemplateResult } from 'lit';
import { matrix, stopMatrix } from '../state/cases';
import { making, stopMaking } from '../state/making';
import { run, stop } from '../state/run';
import { check, stopCheck } from '../state/self_check';
import { words } from '../state/settings';
import { measuring, probe, stopMeasuring, stopProbe } from '../state/streaming';

export function stopDialog(): TemplateResult {
  const { progress, startRow } = words.value;
  return html`<dialog id="stop-dialog" aria-labelledby="stop-question">
    <form method="dialog">
      <p id="stop-question">${progress.confirm}</p>
      <div class="actions">
        <button>${progress.keep}</button>
        <button class="primary" @click=${stopAny}>${startRow.stop}</button>
      </div>
    </form>
  </dialog>`;
}

/** One runs at most. */
const RUNS = [
  { state: run, stop },
  { state: matrix, stop: stopMatrix },
  { state: making, stop: stopMaking },
  { state: measuring, stop: stopMeasuring },
  { state: check, stop: stopCheck },
  { state: probe, stop: stopProbe },
];

const running = () => RUNS.find(({ state }) => state.value.name === 'running');

const stopAny = () => running()?.stop();

/** Call once. */
export function askOnEscape(): void {
  addEventListener('keydown', (event) => {
    const dialog = document.querySelector<HTMLDialogElement>('#stop-dialog');
    if (event.key !== 'Escape' || !running() || !dialog || dialog.open) return;
    event.preventDefault();
    dialog.showModal();
  });
}
