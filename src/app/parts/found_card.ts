/** What was found at an address, and the consent to bring it here: how much, where it stays, what is left out. */
import { html, nothing, type TemplateResult } from 'lit';
import { byteCount, grouped } from '../../words/format';
import { statusOf } from '../model_status';
import { keep, type Looking, showChoices } from '../state/looking';
import { storage, stored } from '../state/models';
import { words } from '../state/settings';
import { focusSoon } from './focus';
import { foundText } from './inspection';
import { discard } from './weight_choices';

type FoundState = Looking & { readonly name: 'found' };

export function foundCard(state: FoundState): TemplateResult {
  const { add, card } = words.value.weights;
  const { found, choice, choices } = state;
  const { inspection } = found;
  const isOurs = inspection !== null && (inspection.networks.length > 0 || inspection.lora !== null);
  const isHere = isStored(state);
  return html`
    <article class="card found" aria-labelledby="found-heading">
      <h4 id="found-heading" tabindex="-1">${choice.name}</h4>
      ${foundText(found)} ${isOurs && !isHere ? consent(state) : nothing} ${isHere ? html`<p>${card.isHere}</p>` : nothing}
      <div class="actions">
        ${isOurs && !isHere ? html`<button class="primary" @click=${() => accept(state)}>${card.download}</button>` : nothing}
        ${choices.length > 1 ? html`<button @click=${() => back(choices)}>${add.back}</button>` : nothing}
        <button @click=${discard}>${add.discard}</button>
      </div>
    </article>
  `;
}

async function accept(state: FoundState): Promise<void> {
  await keep(state);
  focusSoon('.download button, #list-heading');
}

function back(choices: FoundState['choices']): void {
  showChoices(choices);
  focusSoon('.weight-choices button');
}

function isStored({ choice }: FoundState): boolean {
  const same = stored.value?.find(({ files }) => files[0]?.address === choice.files[0]?.url);
  return same !== undefined && statusOf(same) === 'complete';
}

function consent({ found: { files } }: FoundState) {
  const { card } = words.value.weights;
  const bytes = files.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  const leftOut = files.reduce((sum, file) => sum + file.bytes - file.storedBytes, 0);
  const free = storage.value?.freeBytes;
  return html`
    <p class="consent"><strong>${card.consent(byteCount(bytes), grouped(bytes))}</strong> ${card.keeps}</p>
    ${leftOut > 0 ? html`<p>${card.leavesOut(byteCount(leftOut))}</p>` : nothing}
    ${
      free === undefined
        ? nothing
        : free < bytes
          ? html`<p class="notice warn">${card.tooLarge(byteCount(bytes), byteCount(free))}</p>`
          : html`<p class="note">${card.free(byteCount(free))}</p>`
    }
  `;
}
