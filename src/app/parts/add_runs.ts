/** Runs from elsewhere: files, the clipboard, an address. What was refused says why, and takes nothing away. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Run } from '../../core/run';
import { byteCount } from '../../words/format';
import { runNotes, runTitle } from '../run_text';
import {
  added,
  fetching,
  forgetNews,
  openAddress,
  openFiles,
  pasteFailed,
  pasteText,
  refused,
  stopFetching,
} from '../state/adding';
import { keepOpened, type Opened, opened, removeOpened } from '../state/results';
import { words } from '../state/settings';
import { failureNote } from './failure_note';
import { refusalNote } from './refusal_note';

export function addRuns(): TemplateResult {
  const { add: say } = words.value.compare;
  return html`
    <section class="add-runs" aria-labelledby="add-heading">
      <h2 id="add-heading" tabindex="-1">${say.heading}</h2>
      <p class="actions">
        <label class="button">
          ${say.open}
          <input class="visually-hidden" type="file" accept=".json,.jsonl,application/json" multiple @change=${openPicked} />
        </label>
        <button type="button" @click=${() => pasteText(say.clipboard)}>${say.paste}</button>
      </p>
      <p class="note">${say.drop}</p>
      ${addressForm()}
      ${opened.value.length > 0 ? html`<ul class="opened">${opened.value.map(openedRow)}</ul>` : nothing}
    </section>
  `;
}

/** What came of the last attempt, in sight wherever the page is scrolled to: files are dropped anywhere, links open at its top. */
export function addNews(): TemplateResult {
  const { add: say } = words.value.compare;
  const text = addedText();
  const isShown = text !== '' || pasteFailed.value || refused.value.length > 0;
  return html`<div class=${isShown ? 'news shown' : 'news'}>
    <p role="status">${text}</p>
    <div role="alert">
      ${pasteFailed.value ? html`<p>${say.pasteFailed}</p>` : nothing}
      ${refused.value.map(({ name, refusal }) => refusalNote(name, refusal))}
    </div>
    ${isShown ? html`<button type="button" class="quiet icon" aria-label=${say.close} @click=${forgetNews}>×</button>` : nothing}
  </div>`;
}

function addressForm() {
  const { add: say } = words.value.compare;
  const state = fetching.value;
  const isRunning = state.name === 'running';
  return html`<form class="address-form" novalidate @submit=${fetchIt}>
    <label class="address">
      <span>${say.address}</span>
      <input
        type="url"
        name="run-address"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        placeholder=${say.addressLike}
        aria-describedby="run-address-why"
      />
    </label>
    <button type=${isRunning ? 'button' : 'submit'} @click=${isRunning ? stopFetching : nothing}>
      ${isRunning ? say.stop : say.fetch}
    </button>
    <p class="note" id="run-address-why">${say.addressWhy}</p>
    ${fetchingState()}
  </form>`;
}

function fetchingState() {
  const { add: say } = words.value.compare;
  const state = fetching.value;
  switch (state.name) {
    case 'idle':
      return nothing;
    case 'running':
      return html`<div class="live-progress">
        <progress aria-label=${say.progress} max="1" value=${state.total > 0 ? state.bytes / state.total : nothing}></progress>
        <p class="note">${byteCount(state.bytes)}</p>
      </div>`;
    case 'stopped':
      return html`<p class="note" role="status">${say.stopped}</p>`;
    case 'failed': {
      const advice = state.failure.code === 'cors-refused' ? say.cors : undefined;
      return html`<div role="alert">${failureNote(state.failure, { heading: say.failed, advice })}</div>`;
    }
    default:
      return state satisfies never;
  }
}

function fetchIt(event: Event): void {
  event.preventDefault();
  void openAddress((event.target as HTMLFormElement).querySelector('input')!.value);
}

function addedText(): string {
  const { compare, runs } = words.value;
  if (!added.value) return '';
  const { name, runs: count } = added.value;
  const what = name ?? runs.link.name;
  return count === 0 ? compare.add.nothingNew(what) : compare.add.added(what, count);
}

function openedRow(one: Opened) {
  const { compare, runs } = words.value;
  const { id, name, runs: rows, saved } = one;
  const what = name ?? runs.link.name;
  return html`<li>
    <span><strong>${what}</strong> <small>${compare.add.from(whatOf(rows), runs.notMine)}</small></span>
    ${saved.length > 0 ? html`<button type="button" class="quiet" aria-label=${runs.keepOne(what)} @click=${() => keepOpened(one)}>${runs.keep}</button>` : nothing}
    <button type="button" class="quiet icon" aria-label=${compare.remove(what)} @click=${() => removeOpened(id)}>×</button>
  </li>`;
}

/** One is told by what it is, many by how many. */
function whatOf(rows: readonly Run[]): string {
  const [only] = rows;
  if (!only || rows.length > 1) return words.value.compare.add.runs(rows.length);
  return [runTitle(only, words.value), ...runNotes(only, words.value)].join(' · ');
}

function openPicked(event: Event): void {
  const input = event.target as HTMLInputElement;
  void openFiles([...(input.files ?? [])]);
  input.value = ''; // the same file may be picked again
}
