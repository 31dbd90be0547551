/** How far apart, where the time goes, and why: the pinned run beside the other rows. */

import { signal } from '@preact/signals-core';
import { html, nothing, type TemplateResult } from 'lit';
import { type Card, cardName, cardOf } from '../../compare/card';
import type { PlacedRun } from '../../compare/place_run';
import type { Run } from '../../core/run';
import { placedBar } from '../charts/bar_rows';
import type { SheetRoof } from '../charts/chart_inputs';
import { ratioDots } from '../charts/ratio_dots';
import { roofline } from '../charts/roofline';
import { stageBars } from '../charts/stage_bars';
import type { BarRow } from '../charts/stage_bars_layout';
import type { RatioOf } from '../compare_rows';
import { clipText, placeText, runNotes, runTitle } from '../run_text';
import { cards } from '../state/cards';
import { metric, scale, steps } from '../state/compared';
import { contentWidth } from '../state/layout';
import { words } from '../state/settings';
import { kindLegend } from './kind';

/** `own` is what the pinned run is called: inside a sentence, and where one begins. */
export interface OwnName {
  readonly inside: string;
  readonly label: string;
}

export function compareRatios(all: readonly RatioOf[], own: OwnName): TemplateResult {
  const { ratio: say, list } = words.value.compare;
  const known = all.filter(({ ratio }) => ratio !== null);
  const without = all.filter(({ ratio }) => ratio === null);
  const rows = known.map(({ run, ratio, low, high, kind, basis }) => ({
    ...{ id: run.id, label: runTitle(run, words.value), ratio, low, high, kind, basis },
  }));
  const scaled = new Set(known.filter(({ comparison }) => comparison.basis === 'scaled').map(({ basis }) => basis));
  return html`
    <section class="ratios" aria-labelledby="ratios-heading">
      <h2 id="ratios-heading">${say.headings[metric.value]}</h2>
      ${ratioDots({
        rows,
        width: contentWidth.value,
        say: { ...say[metric.value === 'cost' ? 'cost' : 'time'](own.inside), own: own.label },
        ...(scaled.size > 0 ? { footing: words.value.compare.sentence.footing([...scaled].join(list)) } : {}),
      })}
      ${
        without.length > 0
          ? html`<details class="without">
              <summary>${words.value.compare.controls.counted(say.without, without.length)}</summary>
              <ul>
                ${without.map(({ run, basis }) => html`<li>${say.one(nameAndNote(run), basis)}</li>`)}
              </ul>
            </details>`
          : nothing
      }
    </section>
  `;
}

const nameAndNote = (run: Run) => [runTitle(run, words.value), ...runNotes(run, words.value).slice(0, 1)].join(', ');

/** `rows` are at one work; the pinned run is the first of them, where there is one. */
export function compareBars(rows: readonly PlacedRun[], own: OwnName | null): TemplateResult {
  const { bars: say, list } = words.value.compare;
  const onAxis = rows.filter(({ basis }) => basis !== 'none');
  const bars = onAxis.flatMap((row) => barOf(row, own && row === rows[0] ? own : null) ?? []);
  const left = rows
    .filter(({ run }) => !bars.some(({ id }) => id === run.id))
    .map(({ run }) => runTitle(run, words.value));
  const work = onAxis[0] && clipText(onAxis[0].to, words.value);
  const caption = work ? captionOf(bars, onAxis, own) : say.none;
  return html`
    <section class="stage-times" aria-labelledby="bars-heading">
      <h2 id="bars-heading">${say.heading}</h2>
      ${work ? html`<p class="note">${say.axis(work, steps.value)}</p>` : nothing}
      ${
        bars.length > 0
          ? stageBars({ rows: bars, width: contentWidth.value, scale: scale.value, caption, name: caption })
          : html`<p>${say.none}</p>`
      }
      ${own ? aloneBar(rows[0]!, own) : nothing}
      <p class="note">${say.derivedSteps}</p>
      ${left.length > 0 ? html`<p class="note">${say.left([...new Set(left)].join(list))}</p>` : nothing} ${kindLegend()}
    </section>
  `;
}

/** A pinned run whose work is nobody else's, as of another model: on an axis of its own. */
function aloneBar(row: PlacedRun, own: OwnName) {
  const bar = row.basis === 'none' ? barOf(row, own) : null;
  if (!bar) return nothing;
  const { alone } = words.value.compare.bars;
  const caption = alone(own.label, clipText(row.from, words.value), steps.value);
  return stageBars({ rows: [bar], width: contentWidth.value, scale: scale.value, caption, name: caption });
}

function barOf(row: PlacedRun, own: OwnName | null): BarRow | null {
  const basis = placeText(row, words.value);
  const notes = [
    ...(own && own.label !== row.run.device.name ? [row.run.device.name] : []),
    ...runNotes(row.run, words.value),
  ];
  return placedBar(row, steps.value, {
    label: own?.label ?? runTitle(row.run, words.value),
    notes,
    own: own !== null,
    ...(basis ? { basis } : {}),
  });
}

/** Where the time goes in the first row; and whose figures are of other work. */
function captionOf(bars: readonly BarRow[], rows: readonly PlacedRun[], own: OwnName | null): string {
  const ownId = bars.find((bar) => bar.own)?.id;
  const { compare, chart, stages } = words.value;
  const [first] = bars;
  const parts = [...(first?.parts ?? [])].sort((a, b) => b.figure.seconds - a.figure.seconds);
  const total = parts.reduce((sum, { figure }) => sum + figure.seconds, 0);
  const isWhole = first?.missing?.length === 0 && parts.length > 1;
  const moved = rows.filter(({ basis }) => basis === 'scaled' || basis === 'projection');
  const nameOf = (row: PlacedRun) => (own && row.run.id === ownId ? own.inside : runTitle(row.run, words.value));
  const items = moved.map((row) => compare.basis.item(nameOf(row), placeText(row, words.value)));
  return chart.together([
    ...(isWhole
      ? [
          compare.bars.finding(
            stages[parts[0]!.stage],
            Math.round((100 * parts[0]!.figure.seconds) / total),
            nameOf(rows.find(({ run }) => run.id === first.id)!),
          ),
        ]
      : []),
    ...(items.length > 0 ? [compare.basis.caption([...new Set(items)])] : []),
  ]);
}

/** Whose data sheet is drawn; undefined: the run's own card's, or else that of the first row that has one. */
const sheet = signal<string | undefined>(undefined);

export function compareRoofline({ kernels, roofs, device }: Run, others: readonly Run[], own: OwnName): TemplateResult {
  const { roofline: say } = words.value.compare;
  if (!roofs || kernels.length === 0) {
    return html`<section class="why" aria-labelledby="why-heading">
      <h2 id="why-heading">${say.heading(own.inside)}</h2>
      <p class="note">${say.none}</p>
    </section>`;
  }
  const names = [device.name, ...others.map(({ device }) => device.name)];
  const usual = names.flatMap((name) => cardOf(name, cards.value) ?? [])[0]?.name ?? '';
  const chosen = cards.value.find(({ name }) => name === (sheet.value ?? usual));
  return html`
    <section class="why" aria-labelledby="why-heading">
      <h2 id="why-heading">${say.heading(own.inside)}</h2>
      <p class="note prose">${say.note}</p>
      <div class="controls">${sheetChoice(chosen)}</div>
      ${roofline({
        ...{ kernels, roofs, width: contentWidth.value },
        sheets: chosen ? sheetRoofs(chosen) : [],
      })}
    </section>
  `;
}

function sheetRoofs({ name, bf16FlopsPerSecond, bytesPerSecond }: Card): SheetRoof[] {
  return bf16FlopsPerSecond === null
    ? []
    : [{ label: `${cardName(name)}, bf16`, flopsPerSecond: bf16FlopsPerSecond, bytesPerSecond }];
}

function sheetChoice(chosen: Card | undefined) {
  const { roofline: say } = words.value.compare;
  return html`<label class="inline">
    <span>${say.sheet}</span>
    <select
      name="sheet"
      @change=${(event: Event) => {
        sheet.value = (event.target as HTMLSelectElement).value;
      }}
    >
      <option value="" .selected=${!chosen}>${say.noSheet}</option>
      ${cards.value
        .filter(({ bf16FlopsPerSecond }) => bf16FlopsPerSecond !== null)
        .map(({ name }) => html`<option value=${name} .selected=${name === chosen?.name}>${cardName(name)}</option>`)}
    </select>
  </label>`;
}
