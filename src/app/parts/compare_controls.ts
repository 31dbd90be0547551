/** What is compared: which run, in what measure, with which rows. */
import { html, nothing, type TemplateResult } from 'lit';
import { runNotes, runTitle } from '../run_text';
import {
  cards,
  changeRows,
  contendedCount,
  type Entry,
  entries,
  groupCounts,
  METRICS,
  metric,
  ownEntry,
  placed,
  prices,
  ROW_GROUPS,
  type RowGroup,
  rowChoice,
  scale,
  steps,
} from '../state/compared';
import { chooseRun } from '../state/results';
import { words } from '../state/settings';
import { segmented } from './segmented';

/** As published runs have them. */
const STEPS = [5, 10, 30, 50];

export function compareControls(): TemplateResult {
  const { controls: say } = words.value.compare;
  return html`<section class="compare-controls" aria-label=${say.label}>
    <div class="controls">
      ${ownChoice()}
      ${segmented({
        label: say.metric,
        options: METRICS.map((value) => ({ value, label: say.metrics[value] })),
        chosen: metric.value,
        choose: (value) => {
          metric.value = value;
        },
      })}
      ${segmented({
        label: say.steps,
        options: STEPS.map((value) => ({ value, label: String(value) })),
        chosen: steps.value,
        choose: (value) => {
          steps.value = value;
        },
      })}
      ${segmented({
        label: say.scale,
        options: (['seconds', 'percent'] as const).map((value) => ({ value, label: say[value] })),
        chosen: scale.value,
        choose: (value) => {
          scale.value = value;
        },
      })}
    </div>
    ${rowChoices()} ${metric.value === 'cost' ? priceFields() : nothing}
  </section>`;
}

function ownChoice() {
  const { controls: say } = words.value.compare;
  const all = entries.value;
  const groups: readonly [string, readonly Entry[]][] = [
    [say.here, all.filter(({ madeHere }) => madeHere)],
    [say.elsewhere, all.filter(({ madeHere, group }) => !madeHere && group !== 'published')],
    [say.published, all.filter(({ group }) => group === 'published')],
  ];
  const own = ownEntry.value;
  return html`<label class="own-choice">
    <span>${say.own}</span>
    <select name="own-run" @change=${(event: Event) => chooseRun((event.target as HTMLSelectElement).value)}>
      ${own ? nothing : html`<option value="" .selected=${true}>${say.ownNone}</option>`}
      ${groups.map(([label, members]) =>
        members.length === 0
          ? nothing
          : html`<optgroup label=${label}>
              ${members.map(({ run }) => html`<option value=${run.id} .selected=${run === own?.run}>${optionText(run)}</option>`)}
            </optgroup>`,
      )}
    </select>
  </label>`;
}

const optionText = (run: Entry['run']) =>
  [runTitle(run, words.value), ...runNotes(run, words.value).slice(0, 2)].join(' · ');

function rowChoices() {
  const { controls: say } = words.value.compare;
  const { card, contended, all } = rowChoice.value;
  const counts = groupCounts.value;
  return html`<fieldset class="row-choices">
    <legend>${say.rows}</legend>
    ${ROW_GROUPS.filter((group) => counts.get(group)! > 0).map((group) =>
      checkbox(`rows-${group}`, say.counted(say.groups[group], counts.get(group)!), !isHidden(group), (shown) =>
        changeRows({ hidden: [...rowChoice.value.hidden.filter((each) => each !== group), ...(shown ? [] : [group])] }),
      ),
    )}
    ${checkbox('rows-all', say.all, all, (all) => changeRows({ all }))}
    ${
      contendedCount.value > 0
        ? checkbox('rows-contended', say.counted(say.contended, contendedCount.value), contended, (contended) =>
            changeRows({ contended }),
          )
        : nothing
    }
    <label class="inline">
      <span>${say.card}</span>
      <select name="rows-card" @change=${(event: Event) => changeRows({ card: (event.target as HTMLSelectElement).value || null })}>
        <option value="" .selected=${card === null}>${say.allCards}</option>
        ${cards.value.map((name) => html`<option value=${name} .selected=${name === card}>${name}</option>`)}
      </select>
    </label>
  </fieldset>`;
}

const isHidden = (group: RowGroup) => rowChoice.value.hidden.includes(group);

function checkbox(name: string, label: string, checked: boolean, change: (checked: boolean) => void) {
  return html`<label class="check">
    <input
      type="checkbox"
      name=${name}
      .checked=${checked}
      @change=${(event: Event) => change((event.target as HTMLInputElement).checked)}
    />
    <span>${label}</span>
  </label>`;
}

function priceFields() {
  const { controls: say } = words.value.compare;
  // Of the others there is nothing to be priced.
  const shown = placed.value.filter(({ basis, stages }) => basis !== 'none' && stages.total);
  const titles = [...new Set(shown.map(({ run }) => runTitle(run, words.value)))];
  return html`<fieldset class="prices" aria-describedby="price-why">
    <legend>${say.prices}</legend>
    ${titles.map(
      (title) => html`<label>
        <span>${say.price(title)}</span>
        <input
          type="number"
          min="0"
          step="any"
          inputmode="decimal"
          autocomplete="off"
          .value=${String(prices.value.get(title) ?? '')}
          @input=${(event: Event) => setPrice(title, (event.target as HTMLInputElement).valueAsNumber)}
        />
      </label>`,
    )}
    <p class="note" id="price-why">${say.priceWhy}</p>
  </fieldset>`;
}

function setPrice(title: string, price: number): void {
  const next = new Map(prices.value);
  if (price > 0 && Number.isFinite(price)) next.set(title, price);
  else next.delete(title);
  prices.value = next;
}
