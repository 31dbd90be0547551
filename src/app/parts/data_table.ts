/**
 * Every table of the page. On a narrow screen its rows become label/value pairs;
 * that takes display away from the table elements, so their roles are spelt out.
 */
import { html, type TemplateResult } from 'lit';

export interface Column<Row> {
  readonly head: string;
  readonly numeric?: boolean;
  readonly cell: (row: Row) => unknown;
}

export interface DataTable<Row> {
  readonly caption: string;
  /** The first column names the row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowClass?: (row: Row) => string;
}

export function dataTable<Row>({ caption, columns, rows, rowClass }: DataTable<Row>): TemplateResult {
  const align = ({ numeric }: Column<Row>) => (numeric ? 'numeric' : '');
  return html`
    <table role="table" class="data">
      <caption class="visually-hidden">${caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map((column) => html`<th role="columnheader" scope="col" class=${align(column)}>${column.head}</th>`)}
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
