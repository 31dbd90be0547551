/** Results to compare: the last own one, and files opened or dropped. A refused file says why. */
import { html, nothing, type TemplateResult } from 'lit';
import type { BenchmarkResult } from '../../core/result';
import { day } from '../../words/format';
import { chosenResult, lastResult, openedResults, openFiles, refused, removeOpened } from '../state/results';
import { words } from '../state/settings';
import { refusalNote } from './refusal_note';

export function openPanel(): TemplateResult {
  const { compare } = words.value;
  return html`
    <section class="open" aria-labelledby="open-heading">
      <h2 id="open-heading" class="visually-hidden">${compare.against}</h2>
      ${resultChoice()}
      <p>
        <label class="button">
          ${compare.open}
          <input class="visually-hidden" type="file" accept=".json,application/json" multiple @change=${openPicked} />
        </label>
        <span class="note">${compare.drop}</span>
      </p>
      <div role="alert">${refused.value ? refusalNote(refused.value.name, refused.value.refusal) : nothing}</div>
    </section>
  `;
}

function resultChoice() {
  const { compare } = words.value;
  const last = lastResult.value;
  const opened = openedResults.value.filter(({ result }) => result.id !== last?.id);
  if (!last && opened.length === 0) return html`<p>${compare.none}</p>`;
  const chosen = chosenResult.value ?? last?.id ?? opened[0]?.result.id;
  return html`<ul class="choices">
    ${last ? html`<li>${choiceButton(last, compare.own, chosen)}</li>` : nothing}
    ${opened.map(
      ({ name, result }) => html`<li>
        ${choiceButton(result, name, chosen)}
        <button class="quiet icon" aria-label=${compare.remove(name)} @click=${() => removeOpened(result.id)}>×</button>
      </li>`,
    )}
  </ul>`;
}

function choiceButton({ id, machine, createdAt }: BenchmarkResult, name: string, chosen: string | undefined) {
  const choose = () => {
    chosenResult.value = id;
  };
  return html`<button class="choice" aria-pressed=${id === chosen} @click=${choose}>
    <strong>${name}</strong> <small>${machine.adapter} · ${day(createdAt, words.value)}</small>
  </button>`;
}

function openPicked(event: Event): void {
  const input = event.target as HTMLInputElement;
  void openFiles([...(input.files ?? [])]);
  input.value = ''; // the same file may be picked again
}
