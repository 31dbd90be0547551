/** Which model makes the video: the demo, or the parts of a checkpoint among the weights here. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Network } from '../model_status';
import type { Failure } from '../state/failure';
import { words } from '../state/settings';
import {
  candidates,
  changeModel,
  closeTokenizer,
  lacking,
  modelForm,
  NETWORKS,
  NO_PART,
  openAgain,
  openedModel,
  openTokenizer,
  partFor,
  wantsTokenizer,
} from '../state/video_model';
import { failureNote } from './failure_note';
import { segmented } from './segmented';

export function modelPart(): TemplateResult {
  const { model } = words.value.generate;
  const { kind } = modelForm.value;
  const opened = openedModel.value;
  return html`
    <div class="form-part">
      ${segmented({
        label: model.heading,
        options: (['demo', 'files'] as const).map((value) => ({ value, label: model[value] })),
        chosen: kind,
        choose: (value) => changeModel({ kind: value }),
      })}
      ${kind === 'demo' ? html`<p class="note">${model.demoWhy}</p>` : files()}
      ${opened.name === 'failed' ? failureNote(opened.failure, { heading: model.failed, advice: adviceOf(opened.failure.code), again: openAgain }) : nothing}
    </div>
  `;
}

/** Usually it would be our mistake; here files were chosen. */
const adviceOf = (code: Failure['code']) =>
  code === 'shape-mismatch' ? words.value.generate.model.notTogether : undefined;

function files() {
  const { model } = words.value.generate;
  const { comma } = words.value.weights;
  const missing = lacking.value;
  const opened = openedModel.value;
  return html`
    <div class="model-parts">${NETWORKS.map(partChoice)} ${wantsTokenizer.value && !missing.includes('text') ? tokenizerChoice() : nothing}</div>
    ${
      missing.length > 0
        ? html`<p class="note">
            ${model.lacking(missing.map((part) => (part === 'tokenizer' ? model.tokenizer : model.roles[part])).join(comma))}
            <a href="#weights">${model.add}</a>. ${model.addWhy}
          </p>`
        : nothing
    }
    ${opened.name === 'ready' && missing.length === 0 ? html`<p class="note">${model.line(opened.model.weights, opened.model.label)}</p>` : nothing}
  `;
}

function partChoice(network: Network) {
  const { model } = words.value.generate;
  const choices = candidates(network);
  const chosen = partFor(network)?.id ?? NO_PART;
  const empty = choices.length === 0 ? model.none : network === 'tiny' ? model.without : null;
  const choose = (event: Event) =>
    changeModel({ parts: { ...modelForm.value.parts, [network]: (event.target as HTMLSelectElement).value } });
  return html`<label>
    <span>${model.roles[network]}</span>
    <select name="part-${network}" ?disabled=${choices.length === 0} @change=${choose}>
      ${empty ? html`<option value=${NO_PART} .selected=${chosen === NO_PART}>${empty}</option>` : nothing}
      ${choices.map(({ id, name }) => html`<option value=${id} .selected=${id === chosen}>${name}</option>`)}
    </select>
  </label>`;
}

function tokenizerChoice() {
  const { model } = words.value.generate;
  const { tokenizer } = modelForm.value;
  const take = (event: Event) => {
    const input = event.target as HTMLInputElement;
    const [file] = input.files ?? [];
    if (file) void openTokenizer(file);
    input.value = ''; // the same file may be picked again
  };
  return html`<div class="tokenizer">
    ${
      tokenizer
        ? html`<p>
            ${model.tokenizer}: ${tokenizer.name}
            <button
              type="button"
              class="quiet icon"
              aria-label=${words.value.compare.remove(tokenizer.name)}
              @click=${closeTokenizer}
            >
              ×
            </button>
          </p>`
        : nothing
    }
    <label class="button">
      ${model.tokenizerOpen}
      <input class="visually-hidden" type="file" name="tokenizer" accept=".json,.model" @change=${take} />
    </label>
    <p class="note">${model.tokenizerWhy}</p>
  </div>`;
}
