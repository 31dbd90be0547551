/** What this browser keeps: each run with its name, chosen for comparison, saved, sent as a link, deleted and had back. */
import { html, nothing, type TemplateResult } from 'lit';
import { LONGEST_NAME } from '../../compare/schema_parts';
import { runLabel, runLine } from '../run_label';
import { ownEntry } from '../state/compared';
import {
  deleteRun,
  type KeptRun,
  keeping,
  keptRuns,
  lastDeleted,
  MOST_KEPT,
  renameRun,
  undoDelete,
} from '../state/own_runs';
import { chooseRun } from '../state/results';
import { words } from '../state/settings';
import { focusSoon } from './focus';
import { linkButton, linkNote } from './link_button';
import { saveJson, saveRun } from './save_button';

export function ownRuns(): TemplateResult {
  const { runs: say } = words.value;
  const kept = keptRuns.value;
  return html`
    <section class="own-runs" aria-labelledby="own-runs-heading">
      <h2 id="own-runs-heading" tabindex="-1">${say.heading}</h2>
      ${
        kept.length === 0
          ? html`<p class="note">${say.none}</p>`
          : html`<ul>
              ${kept.map(row)}
            </ul>`
      }
      ${
        kept.length > 1
          ? html`<p><button type="button" @click=${saveAll}>${say.saveAll(kept.length)}</button></p>`
          : nothing
      }
      <div role="status">${keepingNote()} ${deletedNote()}</div>
    </section>
  `;
}

function row({ run, madeHere, stored }: KeptRun): TemplateResult {
  const { runs: say } = words.value;
  const label = runLabel(run, words.value);
  const line = runLine(run, words.value);
  const isChosen = ownEntry.value?.run.id === run.id;
  const rename = (event: Event) => void renameRun(run.id, (event.target as HTMLInputElement).value);
  return html`<li>
    <input
      type="text"
      maxlength=${LONGEST_NAME}
      autocomplete="off"
      placeholder=${say.namePlaceholder}
      aria-label=${say.name(line)}
      .value=${run.name}
      @change=${rename}
    />
    <span class="what">
      ${line} ${madeHere ? nothing : html`<em title=${say.notMineWhy}>${say.notMine}</em>`}
      ${stored ? nothing : html`<em>${say.unsaved}</em>`}
    </span>
    <span class="actions">
      <button type="button" aria-pressed=${isChosen} aria-label="${say.choose}: ${label}" @click=${() => chooseRun(run.id)}>
        ${say.choose}
      </button>
      ${run.schema === 'wanscope-result' ? linkButton(run, say.link.makeOne(label)) : nothing}
      <button type="button" aria-label=${say.saveOne(label)} @click=${() => saveRun(run)}>${say.save}</button>
      <button type="button" aria-label=${say.removeOne(label)} @click=${() => remove(run.id)}>${say.remove}</button>
    </span>
    ${run.schema === 'wanscope-result' ? linkNote(run) : nothing}
  </li>`;
}

function keepingNote(): TemplateResult | typeof nothing {
  const { runs: say } = words.value;
  const state = keeping.value;
  switch (state.name) {
    case 'well':
      return nothing;
    case 'dropped': {
      const names = state.runs.map((run) => runLine(run, words.value)).join('; ');
      return html`<p class="notice">${say.dropped(names, MOST_KEPT)}</p>`;
    }
    case 'all-named':
      return html`<p class="notice warn">${say.allNamed(MOST_KEPT)}</p>`;
    case 'failed':
      return html`<p class="notice warn">${state.isFull ? say.failed.full : say.failed.denied}</p>`;
    default:
      return state satisfies never;
  }
}

function deletedNote(): TemplateResult | typeof nothing {
  const { runs: say } = words.value;
  const deleted = lastDeleted.value;
  if (!deleted) return nothing;
  return html`<p class="deleted">
    ${say.removed(runLabel(deleted.run, words.value))} <button type="button" @click=${restore}>${say.undo}</button>
  </p>`;
}

/** The row goes, and with it the button that was pressed. */
function remove(id: string): void {
  void deleteRun(id);
  focusSoon('.own-runs .deleted button');
}

function restore(): void {
  void undoDelete();
  focusSoon('#own-runs-heading');
}

const saveAll = () =>
  saveJson(
    `wanscope-runs-${new Date().toISOString().slice(0, 10)}`,
    keptRuns.value.map(({ run }) => run),
  );
