/** How a model comes here: one field for whatever was pasted, files and folders of the disk, and dropping them. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ErrorCode } from '../../core/errors';
import { canPickFolders, openFailure, openFiles, opening, pickFolder } from '../state/local_models';
import { find, hubBase, looking, query, stopLooking } from '../state/looking';
import { activities, stored } from '../state/models';
import { words } from '../state/settings';
import { waitFor } from '../state/waits';
import { failureNote } from './failure_note';
import { focusSoon } from './focus';
import { foundCard } from './found_card';
import { choiceList } from './weight_choices';

const typed = (event: Event) => (event.target as HTMLInputElement).value;

export function addModel(): TemplateResult {
  const { add } = words.value.weights;
  return html`
    <section class="add" aria-labelledby="add-heading">
      <h3 id="add-heading">${add.heading}</h3>
      <form @submit=${submit}>
        <label class="address">
          <span>${add.field}</span>
          <input
            type="text"
            name="address"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            placeholder=${add.example}
            .value=${query.value}
            @input=${(event: Event) => {
              query.value = typed(event);
            }}
          />
        </label>
        <button class="look">${add.find}</button>
        <details class="advanced">
          <summary>${add.advanced}</summary>
          <label class="address">
            <span>${add.base}</span>
            <input
              type="url"
              name="base"
              autocomplete="off"
              placeholder="https://hf-mirror.com"
              .value=${hubBase.value}
              aria-describedby="base-why"
              @input=${(event: Event) => {
                hubBase.value = typed(event);
              }}
            />
          </label>
          <p class="note" id="base-why">${add.baseWhy}</p>
        </details>
      </form>
      ${openButtons()}
      <div class="outcome">
        <p role="status">${lookingText()}</p>
        ${looking.value.name === 'busy' ? whileLooking() : nothing} ${outcome()}
        <div role="alert">
          ${failure()} ${openFailure.value ? failureNote(openFailure.value, { heading: add.openFailed }) : nothing}
        </div>
      </div>
    </section>
  `;
}

function submit(event: Event): void {
  event.preventDefault();
  if (query.value.trim()) void find();
  else (event.target as HTMLFormElement).querySelector('input')!.focus();
}

function openButtons() {
  const { add } = words.value.weights;
  return html`
    <p class="open-buttons">
      <label class="button">
        ${add.files}
        <input class="visually-hidden" type="file" name="files" multiple accept=".safetensors,.gguf,.pth" @change=${openPicked} />
      </label>
      ${
        canPickFolders
          ? html`<button @click=${pickFolder}>${add.folder}</button>`
          : html`<label class="button">
              ${add.folder}
              <input class="visually-hidden" type="file" name="folder" webkitdirectory @change=${openPicked} />
            </label>`
      }
      <span class="note">${add.drop}</span>
    </p>
  `;
}

function openPicked(event: Event): void {
  const input = event.target as HTMLInputElement;
  const files = [...(input.files ?? [])];
  if (files.length > 0) void openFiles(files);
  input.value = ''; // the same file may be picked again
}

function lookingText(): string {
  const { add } = words.value.weights;
  if (opening.value) return add.opening;
  const state = looking.value;
  return state.name === 'busy' ? add.looking(state.what) : '';
}

/** Seconds that count down are not read out. */
function whileLooking() {
  const { download } = words.value.weights;
  const wait = waitFor((address) => !isDownloaded(address));
  return html`<div class="while-looking">
    ${wait ? html`<p>${download.waiting[wait.why](Math.ceil(wait.seconds))} …</p>` : nothing}
    <button type="button" @click=${cancelLooking}>${download.cancel}</button>
  </div>`;
}

/** The button goes, and with it the focus. */
function cancelLooking(): void {
  stopLooking();
  focusSoon('.add .look');
}

/** What a download waits for is said there. */
const isDownloaded = (address: string) =>
  (stored.value ?? []).some(
    ({ id, files }) => activities.value.has(id) && files.some((file) => file.address === address),
  );

function outcome() {
  const state = looking.value;
  switch (state.name) {
    case 'idle':
    case 'busy':
    case 'failed':
      return nothing;
    case 'choices':
      return choiceList(state.choices);
    case 'found':
      return foundCard(state);
    default:
      return state satisfies never;
  }
}

function failure() {
  const { add } = words.value.weights;
  const state = looking.value;
  if (state.name !== 'failed') return nothing;
  return failureNote(state.failure, { heading: add.failed, advice: adviceFor(state.failure.code), again: state.again });
}

/** For an address that a person gave, some codes have a likelier reason than elsewhere. */
function adviceFor(code: ErrorCode | 'unknown'): string | undefined {
  const { add } = words.value.weights;
  const own: Partial<Record<ErrorCode | 'unknown', string>> = {
    'input-invalid': add.notAnAddress,
    'weights-missing': add.notThere,
    'access-denied': add.mayBePrivate,
  };
  return own[code];
}
