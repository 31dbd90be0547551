/** All rows with where they come from: figures at the axis's work, what ran, and its source. What nobody told says so. */

import { signal } from '@preact/signals-core';
import { html, nothing, type TemplateResult } from 'lit';
import { nameText } from '../../compare/inline_text';
import type { PlacedRun } from '../../compare/place_run';
import { extent } from '../../core/extent';
import type { Figure } from '../../core/result';
import type { Run } from '../../core/run';
import { byteCount, comparableRange, day, duration } from '../../words/format';
import type { RatioOf } from '../compare_rows';
import { ratioText } from '../headline';
import { measure, measuredText } from '../metric';
import { clipText, keyText, placeText, runTitle } from '../run_text';
import { isSenders, type Metric, metric, priceOf, steps } from '../state/compared';
import { words } from '../state/settings';
import type { OwnName } from './compare_charts';
import { type Column, dataTable, type Sorting } from './data_table';
import { kindBadge } from './kind';
import { outerLink } from './outer_link';

export interface TableRow {
  readonly placed: PlacedRun;
  /** Null: it is the pinned run, or there is none. */
  readonly ratio: RatioOf | null;
  readonly isOwn: boolean;
  readonly madeHere: boolean;
}

const sorting = signal<Sorting | null>(null);

interface SortableColumn extends Column<TableRow> {
  readonly id: string;
  /** Null: not known, and last in either order. */
  readonly value: (row: TableRow) => string | number | null;
}

export function runTable(rows: readonly TableRow[], own: OwnName | null): TemplateResult {
  const { table: say } = words.value.compare;
  const axis = rows.find(({ placed }) => placed.basis !== 'none');
  const caption = axis ? say.caption(clipText(axis.placed.to, words.value), steps.value) : say.captionNone;
  const moved = new Set(
    rows.map(({ placed }) => placed).flatMap((row) => (isMoved(row) ? [placeText(row, words.value)] : [])),
  );
  const withFooting = words.value.chart.together([
    caption,
    ...(moved.size > 0 ? [words.value.compare.basis.caption([...moved])] : []),
  ]);
  const all = columns(own);
  return html`
    <p class="note">${withFooting}</p>
    ${sortFields(all)}
    ${dataTable<TableRow>({
      caption: withFooting,
      rows: sorted(rows, all),
      rowClass: ({ isOwn, placed }) => (isOwn ? 'pinned' : placed.run.contended ? 'contended' : ''),
      columns: all,
      sorting: { now: sorting.value, sort },
    })}
  `;
}

function sort(next: Sorting): void {
  sorting.value = next;
}

/** The pinned run stays first. */
function sorted(rows: readonly TableRow[], all: readonly SortableColumn[]): readonly TableRow[] {
  const now = sorting.value;
  const column = all.find(({ id }) => id === now?.by);
  if (!now || !column) return rows;
  const compare = (a: TableRow, b: TableRow) => {
    const [one, other] = [column.value(a), column.value(b)];
    if (one === null || other === null) return (one === null ? 1 : 0) - (other === null ? 1 : 0);
    const order =
      typeof one === 'number' && typeof other === 'number' ? one - other : String(one).localeCompare(String(other));
    return now.descending ? -order : order;
  };
  return [...rows.filter(({ isOwn }) => isOwn), ...rows.filter(({ isOwn }) => !isOwn).sort(compare)];
}

/** Where a narrow screen shows no heads to press. */
function sortFields(all: readonly SortableColumn[]) {
  const { table: say } = words.value.compare;
  const now = sorting.value;
  const take = (change: Partial<Sorting>) =>
    sort({ by: now?.by ?? 'run', descending: now?.descending ?? false, ...change });
  return html`<div class="sort-fields controls">
    <label class="inline">
      <span>${say.sort}</span>
      <select name="sort-by" @change=${(event: Event) => take({ by: (event.target as HTMLSelectElement).value })}>
        ${now ? nothing : html`<option value="" .selected=${true}>–</option>`}
        ${all.map(({ id, head }) => html`<option value=${id} .selected=${id === now?.by}>${head}</option>`)}
      </select>
    </label>
    <button type="button" aria-label="${say.order}: ${now?.descending ? say.descending : say.ascending}" @click=${() => take({ descending: !now?.descending })}>
      ${now?.descending ? say.descending : say.ascending}
    </button>
  </div>`;
}

const isMoved = ({ basis }: PlacedRun) => basis === 'scaled' || basis === 'projection';

function columns(own: OwnName | null): SortableColumn[] {
  const { table: say } = words.value.compare;
  const isExtra = metric.value === 'second' || metric.value === 'cost';
  const ratioAt = (at: Metric, row: TableRow) =>
    // That a figure is not told says already why there is no ratio.
    at === metric.value && own && measured(row) ? ratioLine(row.ratio, own) : nothing;
  const stage = (id: 'step' | 'total' | 'encode' | 'decode', head: string, more: (row: TableRow) => unknown) => ({
    ...{ id, head, numeric: true },
    cell: (row: TableRow) => html`${figureCell(row.placed, id)} ${more(row)}`,
    value: ({ placed }: TableRow) => placed.stages[id]?.seconds ?? null,
  });
  return [
    { id: 'run', head: say.run, cell: (row) => runCell(row, own), value: (row) => titleOf(row, own) },
    ...(isExtra
      ? [
          {
            ...{ id: 'measured', head: say[metric.value as 'second' | 'cost'], numeric: true },
            cell: (row: TableRow) => html`${measuredCell(row)} ${ratioAt(metric.value, row)}`,
            value: (row: TableRow) => measured(row)?.amount ?? null,
          },
        ]
      : []),
    stage('step', say.step, (row) => html`${spreadOf(row.placed.stages.step)} ${ratioAt('step', row)}`),
    stage('total', say.total(steps.value), (row) => ratioAt('clip', row)),
    stage('encode', say.encode, ({ placed }) => onCpu(placed.run)),
    stage('decode', say.decode, () => nothing),
    {
      ...{ id: 'memory', head: say.memory, numeric: true },
      cell: ({ placed: { run } }) => (run.peakMemoryBytes === null ? absent(run) : byteCount(run.peakMemoryBytes)),
      value: ({ placed }) => placed.run.peakMemoryBytes,
    },
    {
      ...{ id: 'ran', head: say.ran },
      cell: ({ placed }) => html`<small>${keyText(placed.run.key, words.value)}</small>`,
      value: ({ placed }) => placed.run.key.frames,
    },
    { ...{ id: 'source', head: say.source }, cell: sourceCell, value: ({ placed }) => placed.run.date },
  ];
}

const titleOf = ({ isOwn, placed }: TableRow, own: OwnName | null) =>
  isOwn && own ? own.label : runTitle(placed.run, words.value);

function runCell(row: TableRow, own: OwnName | null) {
  const { table: say } = words.value.compare;
  const { isOwn, placed } = row;
  const { run } = placed;
  const { resumedSteps } = run.extra;
  const tags = [
    ...(isOwn ? [say.mine] : []),
    ...(isSenders({ run, madeHere: row.madeHere }) ? [say.notMine] : []),
    ...(run.device.software ? [say.software] : []),
    ...(run.contended ? [say.contended] : []),
    ...(typeof resumedSteps === 'number' && resumedSteps > 0 ? [say.resumed(resumedSteps)] : []),
  ];
  const basis = placeText(placed, words.value);
  const notes = [...(isOwn ? [run.device.name] : []), run.name, run.software.split(',')[0] ?? ''].map(nameText);
  return html`${titleOf(row, own)} <small>${[...new Set(notes)].filter((note) => note && note !== titleOf(row, own)).join(' · ')}</small>
    ${basis ? html`<small class="basis-note">${basis}</small>` : nothing}
    ${tags.map((tag) => html`<span class="tag">${tag}</span> `)}`;
}

const measured = ({ placed }: TableRow) => measure(metric.value, placed, priceOf(placed.run));

function measuredCell({ placed, ...row }: TableRow) {
  const amount = measured({ placed, ...row });
  if (amount) return html`${measuredText(metric.value, amount, words.value)} ${kindBadge(amount.kind)}`;
  const isUnpriced = metric.value === 'cost' && placed.stages.total !== null;
  return isUnpriced ? words.value.compare.ratio.noPrice : absent(placed.run);
}

function spreadOf(step: Figure | null) {
  const samples = step?.samples ?? [];
  if (samples.length < 2) return nothing;
  const { min, max } = extent(samples);
  return html`<small>${comparableRange(min, max, words.value)}</small>`;
}

const onCpu = ({ key }: Run) =>
  key.textEncoderOn === 'cpu' ? html`<small>${words.value.compare.table.onCpu}</small>` : nothing;

function figureCell({ run, basis, stages }: PlacedRun, stage: 'step' | 'total' | 'encode' | 'decode') {
  const figure = stages[stage];
  if (figure) return html`${duration(figure.seconds, words.value)} ${kindBadge(figure.kind)}`;
  const isTold = basis === 'scaled' && run.stages[stage] !== null;
  return isTold ? words.value.compare.table.otherWork : absent(run);
}

/** Never zero. */
function absent({ origin }: Run) {
  const { notPublished, notTold } = words.value.compare.table;
  return html`<span class="absent">${origin === 'published' ? notPublished : notTold}</span>`;
}

/** A ratio never stands without what it rests on. */
function ratioLine(ratio: RatioOf | null, own: OwnName) {
  if (!ratio) return nothing;
  const { compare } = words.value;
  const say = metric.value === 'cost' ? compare.ratio.cost : compare.ratio.time;
  return html`${
    ratio.ratio === null
      ? nothing
      : html`<small class="ratio">${ratioText({ ratio: ratio.ratio, reason: null }, words.value, say(own.inside).ratio)}</small>`
  }<small>${ratio.basis}</small>`;
}

function sourceCell({ placed: { run }, madeHere }: TableRow) {
  const { table: say } = words.value.compare;
  const { source, date, confidence } = run;
  const name = sourceName(run) || (madeHere ? say.here : say.sender);
  const told = [date ? day(date, words.value) : '', confidence ? say.confidence[confidence] : ''].filter(Boolean);
  return html`${source.url ? outerLink(source.url, name, source.text) : name}
    <small>${told.join(', ')}</small>`;
}

/** A commit, where its text names one; else whose address it is. */
function sourceName({ source: { text, url } }: Run): string {
  const commit = /@(\w{7,})/.exec(text)?.[1];
  return commit ?? (url ? new URL(url).hostname : nameText(text));
}
