/** What all charts have around them: a caption that is the finding, one tab stop, and the same numbers as a table. */
import { html, nothing, type TemplateResult } from 'lit';
import { words } from '../state/settings';
import { moveBetweenMarks } from './mark';

export interface ChartFigure {
  /** The finding in plain text: the graphic's name. */
  readonly name: string;
  /** The finding with emphasis in it, where it has any. */
  readonly caption?: string | TemplateResult;
  readonly width: number;
  readonly height: number;
  /** Marks and decoration; null where there is nothing to draw, and the finding says so. */
  readonly drawing: unknown | null;
  readonly table: TemplateResult | null;
}

export function chartFigure({ name, caption = name, width, height, drawing, table }: ChartFigure): TemplateResult {
  return html`
    <figure class="chart">
      <figcaption>${caption}</figcaption>
      ${
        width > 0 && drawing !== null
          ? html`<svg
              role="group"
              aria-label="${name} ${words.value.chart.keys}"
              width=${width}
              height=${height}
              viewBox="0 0 ${width} ${height}"
              @keydown=${moveBetweenMarks}
            >
              ${drawing}
            </svg>`
          : nothing
      }
      ${
        table
          ? html`<details>
              <summary>${words.value.result.table}</summary>
              ${table}
            </details>`
          : nothing
      }
    </figure>
  `;
}
