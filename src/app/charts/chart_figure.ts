/** What all charts have around them: a caption that is the finding, one tab stop, and the same numbers as a table. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { words } from '../state/settings';
import { moveBetweenMarks, READOUT_LINE } from './mark';

export interface ChartFigure {
  /** The finding in plain text: the graphic's name. */
  readonly name: string;
  /** The finding with emphasis in it, where it has any. */
  readonly caption?: string | TemplateResult;
  readonly width: number;
  /** Of the drawing, without the lines that marks are read out in. */
  readonly height: number;
  /** Of those lines; 0 where marks have none. */
  readonly readoutHeight?: number;
  /** Marks and decoration; null where there is nothing to draw, and the finding says so. */
  readonly drawing: unknown | null;
  readonly table: TemplateResult | null;
}

export function chartFigure(figure: ChartFigure): TemplateResult {
  const { name, caption = name, width, height, readoutHeight = 0, drawing, table } = figure;
  const whole = height + readoutHeight;
  return html`
    <figure class="chart">
      <figcaption>${caption}</figcaption>
      ${
        width > 0 && drawing !== null
          ? html`<svg
              role="group"
              aria-label="${name} ${words.value.chart.keys}"
              width=${width}
              height=${whole}
              viewBox="0 0 ${width} ${whole}"
              @keydown=${moveBetweenMarks}
            >
              ${drawing}
              ${
                readoutHeight > 0
                  ? svg`<text class="hint" y=${height + READOUT_LINE - 4} aria-hidden="true">${words.value.chart.hint}</text>`
                  : nothing
              }
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
