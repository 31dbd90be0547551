/** Results of others: opened or dropped files, and the link in the address. A refused one says why. */
import { html, nothing, type TemplateResult } from 'lit';
import { runLabel, runLine } from '../run_label';
import {
  chooseResult,
  chosenResult,
  keepOpened,
  type OpenedRun,
  openedRuns,
  openFiles,
  refused,
  removeOpened,
} from '../state/results';
import { words } from '../state/settings';
import { refusalNote } from './refusal_note';

export function openPanel(): TemplateResult {
  const { compare, runs } = words.value;
  const opened = openedRuns.value;
  return html`
    <section class="open" aria-labelledby="open-heading">
      <h2 id="open-heading" class="visually-hidden">${compare.against}</h2>
      ${opened.length > 0 ? html`<ul class="choices">${opened.map(choice)}</ul>` : nothing}
      ${opened.length > 0 ? html`<p class="note">${runs.notMineWhy}</p>` : nothing}
      ${chosenResult.value ? nothing : html`<p>${compare.none}</p>`}
      <p>
        <label class="button">
          ${compare.open}
          <input class="visually-hidden" type="file" accept=".json,application/json" multiple @change=${openPicked} />
        </label>
        <span class="note">${compare.drop}</span>
      </p>
      <div role="alert">${refused.value ? refusalNote(refused.value.file, refused.value.refusal) : nothing}</div>
    </section>
  `;
}

function choice(opened: OpenedRun) {
  const { compare, runs } = words.value;
  const { file, run } = opened;
  const name = file ?? runs.link.name;
  const label = html`<strong>${name}</strong>
    <small>${run.name ? `${runLabel(run, words.value)} · ` : ''}${runLine(run, words.value)} · ${runs.notMine}</small>`;
  return html`<li>
    ${
      run.schema === 'wanscope-result'
        ? html`<button class="choice" aria-pressed=${chosenResult.value?.id === run.id} @click=${() => chooseResult(run.id)}>${label}</button>`
        : html`<span class="choice">${label}</span>`
    }
    <button class="quiet" aria-label=${runs.keepOne(name)} @click=${() => keepOpened(opened)}>${runs.keep}</button>
    <button class="quiet icon" aria-label=${compare.remove(name)} @click=${() => removeOpened(run.id)}>×</button>
  </li>`;
}

function openPicked(event: Event): void {
  const input = event.target as HTMLInputElement;
  void openFiles([...(input.files ?? [])]);
  input.value = ''; // the same file may be picked again
}
