/**
 * Every table of the page. On a narrow screen its rows become label/value pairs;
 * that takes display away from the table elements, so their roles are spelt out.
 */
import { html, nothing, type TemplateResult } from 'lit';

export interface Column<Row> {
  readonly head: string;
  readonly numeric?: boolean;
  readonly cell: (row: Row) => unknown;
  /** Of a column whose head is pressed to sort by it; its maker sorts. */
  readonly id?: string;
}

export interface Sorting {
  readonly by: string;
  readonly descending: boolean;
}

export interface Sortable {
  readonly now: Sorting | null;
  readonly sort: (next: Sorting) => void;
}

export interface DataTable<Row> {
  readonly caption: string;
  /** The first column names the row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowClass?: (row: Row) => string;
  readonly sorting?: Sortable;
}

export function dataTable<Row>({ caption, columns, rows, rowClass, sorting }: DataTable<Row>): TemplateResult {
  const align = ({ numeric }: Column<Row>) => (numeric ? 'numeric' : '');
  return html`
    <table role="table" class="data">
      <caption class="visually-hidden">${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map(
            (
              column,
            ) => html`<th role="columnheader" scope="col" class=${align(column)} aria-sort=${orderOf(column.id, sorting)}>
              ${column.id && sorting ? sortButton(column.id, column.head, sorting) : column.head}
            </th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          (row) => html`<tr role="row" class=${rowClass?.(row) ?? ''}>
            ${columns.map((column, index) =>
              index === 0
                ? html`<th role="rowheader" scope="row">${column.cell(row)}</th>`
                : html`<td role="cell" class=${align(column)} data-head=${column.head}><span>${column.cell(row)}</span></td>`,
            )}
          </tr>`,
        )}
      </tbody>
    </table>
  `;
}

function orderOf(id: string | undefined, sorting: Sortable | undefined) {
  if (!id || sorting?.now?.by !== id) return nothing;
  return sorting.now.descending ? 'descending' : 'ascending';
}

function sortButton(id: string, head: string, { now, sort }: Sortable) {
  const isNow = now?.by === id;
  const next = { by: id, descending: isNow && !now.descending };
  return html`<button type="button" class="sort" @click=${() => sort(next)}>
    ${head}<span aria-hidden="true">${isNow ? (now.descending ? ' ↓' : ' ↑') : ''}</span>
  </button>`;
}
