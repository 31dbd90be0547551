/** The weights of a repository, to pick one from: names with their sizes. */
import { html, nothing, type TemplateResult } from 'lit';
import type { WeightChoice } from '../../../workers/loader_api';
import { byteCount } from '../../words/format';
import { choose, showChoices } from '../state/looking';
import { words } from '../state/settings';
import { focusSoon } from './focus';

/** A list of a hub may have ten thousand files. */
const MOST_SHOWN = 200;

export function choiceList(choices: readonly WeightChoice[]): TemplateResult {
  const { add } = words.value.weights;
  return html`
    <div class="card" role="group" aria-labelledby="choices-heading">
      <p id="choices-heading"><strong>${add.choices(choices.length)}</strong></p>
      <ul class="weight-choices">
        ${choices.slice(0, MOST_SHOWN).map(
          (choice) => html`<li>
            <button class="choice" @click=${() => pick(choice, choices)}>
              <span>${choice.name}</span>
              <small>${byteCount(choice.bytes)}${choice.files.length > 1 ? html` · ${add.shards(choice.files.length)}` : nothing}</small>
            </button>
          </li>`,
        )}
      </ul>
      ${choices.length > MOST_SHOWN ? html`<p class="note">${add.moreChoices(choices.length - MOST_SHOWN)}</p>` : nothing}
      <p><button @click=${discard}>${add.discard}</button></p>
    </div>
  `;
}

async function pick(choice: WeightChoice, choices: readonly WeightChoice[]): Promise<void> {
  await choose(choice, choices);
  focusSoon('#found-heading, .outcome .failure button');
}

/** Back to the field. */
export function discard(): void {
  showChoices([]);
  focusSoon('.add input[name=address]');
}
