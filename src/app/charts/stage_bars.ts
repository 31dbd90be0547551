/**
 * Where does the time go? One row a run, one axis, one segment a stage. Colour
 * says the stage, texture says how the number came to be.
 */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { duration, percent, THIN } from '../../words/format';
import { dataTable } from '../parts/data_table';
import { kindBadge } from '../parts/kind';
import { words } from '../state/settings';
import {
  BAR_HEIGHT,
  BAR_TOP,
  type Bar,
  type BarPart,
  type BarRow,
  HEAD,
  LABEL,
  layOutStageBars,
  type Segment,
  type StageBarsLayout,
} from './stage_bars_layout';
import { textWidth } from './text_width';

/** A label's swatch and the space after it. */
const SWATCH = 14;

export interface StageBars {
  readonly rows: readonly BarRow[];
  readonly width: number;
  readonly scale: 'seconds' | 'percent';
  /** The finding, not the description. */
  readonly caption: string | TemplateResult;
  /** Plain text of the caption, for the graphic's name. */
  readonly name: string;
}

export function stageBars({ rows, width, scale, caption, name }: StageBars): TemplateResult {
  const layout = layOutStageBars(rows, {
    width,
    scale,
    label: (part, share, short) => {
      const text = segmentLabel(part, share, scale, short);
      return { text, width: SWATCH + textWidth(text, 12.5) };
    },
  });
  // The chart is one tab stop; arrow keys reach the other segments.
  const firstWithParts = layout.bars.find(({ segments }) => segments.length > 0);
  return html`
    <figure class="chart">
      <figcaption>${caption}</figcaption>
      ${
        width > 0
          ? html`<svg
              role="group"
              aria-label="${name} ${words.value.chart.keys}"
              width=${layout.width}
              height=${layout.height}
              viewBox="0 0 ${layout.width} ${layout.height}"
              @keydown=${moveBetweenMarks}
            >
              ${axis(layout)} ${layout.bars.map((bar) => drawBar(bar, layout, bar === firstWithParts))}
            </svg>`
          : nothing
      }
      <details>
        <summary>${words.value.result.table}</summary>
        ${stageTable(layout.bars, name)}
      </details>
    </figure>
  `;
}

function axis({ ticks, tickUnit, axisY, width }: StageBarsLayout) {
  const unit = tickUnit === '%' ? '%' : words.value.units[tickUnit];
  return svg`<g class="axis" aria-hidden="true">
    ${ticks.map(({ x, value }) => {
      const anchor = x < 20 ? 'start' : x > width - 24 ? 'end' : 'middle';
      return svg`<line x1=${x} x2=${x} y1="0" y2=${axisY} />
        <text x=${x} y=${axisY + 16} text-anchor=${anchor}>${value}${THIN}${unit}</text>`;
    })}
  </g>`;
}

function drawBar(bar: Bar, { width }: StageBarsLayout, tabStop: boolean) {
  const { row, y, totalSeconds, segments } = bar;
  const { thisGpu, notRun } = words.value.result;
  const totalText = row.parts ? duration(totalSeconds, words.value) : '';
  return svg`<g transform="translate(0 ${y})" class=${row.own ? 'bar own' : 'bar'}>
    <text class="row-name" y=${HEAD} aria-hidden="true">${row.label}<tspan class="row-note" dx="8">${fittingNotes(row, totalText, width)}</tspan></text>
    ${
      row.parts
        ? svg`<text class="row-total" x=${width} y=${HEAD} text-anchor="end" aria-hidden="true">${totalText}</text>
          ${segments.map((segment, index) => drawSegment(bar, segment, tabStop && index === 0))}`
        : svg`<g role="img" aria-label="${thisGpu}: ${notRun}">
            <rect class="not-run" x="0.5" y=${BAR_TOP + 0.5} width=${width - 1} height=${BAR_HEIGHT - 1} rx="2" />
          </g>`
    }
  </g>`;
}

function drawSegment({ row }: Bar, { part, x, width, share, label, labelX }: Segment, tabStop: boolean) {
  const { chart, stages, kinds } = words.value;
  const { kind, seconds } = part.figure;
  const name = chart.part(row.label, stages[part.stage], duration(seconds, words.value), percent(share), kinds[kind]);
  // Half a pixel on either side keeps neighbours apart, so that colour is not the only border.
  const drawn = { x: x + 0.5, width: Math.max(width - 1, 1) };
  const sliver = width <= 4; // too narrow for a texture to be seen
  return svg`<g class="segment stage-${part.stage} ${sliver ? '' : `kind-${kind}`}" role="img" tabindex=${tabStop ? 0 : -1} aria-label=${name}>
    <title>${name}</title>
    <rect class="fill" x=${drawn.x} y=${BAR_TOP} width=${drawn.width} height=${BAR_HEIGHT} />
    ${!sliver ? svg`<rect class="edge" x=${drawn.x + 0.75} y=${BAR_TOP + 0.75} width=${drawn.width - 1.5} height=${BAR_HEIGHT - 1.5} />` : nothing}
    <rect class="swatch" x=${labelX} y=${LABEL - 9} width="9" height="9" />
    <text class="label" x=${labelX + SWATCH} y=${LABEL}>${label}</text>
  </g>`;
}

function segmentLabel({ stage, figure }: BarPart, share: number, scale: StageBars['scale'], short: boolean): string {
  const amount = scale === 'percent' ? `${percent(share)}${THIN}%` : duration(figure.seconds, words.value);
  return short ? amount : `${words.value.stages[stage]} ${amount}`;
}

/** The name and the total stand in one line; notes fill what is left between them. */
function fittingNotes({ label, notes, own }: BarRow, totalText: string, width: number): string {
  const room = width - textWidth(label, 15, own ? 650 : 400) - textWidth(totalText, 14, 650) - 20;
  const fitting = notes
    .map((_, count) => notes.slice(0, count + 1).join(' · '))
    .filter((text) => textWidth(text, 12.5) < room);
  return fitting.at(-1) ?? '';
}

function moveBetweenMarks(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const marks = [...(event.currentTarget as Element).querySelectorAll<SVGElement>('.segment')];
  const at = marks.indexOf(document.activeElement as SVGElement);
  if (!step || at < 0) return;
  event.preventDefault();
  marks[(at + step + marks.length) % marks.length]!.focus();
}

function stageTable(bars: readonly Bar[], caption: string): TemplateResult {
  const { chart, result, stages } = words.value;
  const rows = bars.flatMap(({ row, segments, totalSeconds }) =>
    segments.map(({ part, share }) => ({ row, part, share, totalSeconds })),
  );
  return dataTable({
    caption,
    rows,
    columns: [
      { head: chart.row, cell: ({ row }) => row.label },
      { head: result.stage, cell: ({ part }) => stages[part.stage] },
      { head: result.seconds, numeric: true, cell: ({ part }) => duration(part.figure.seconds, words.value) },
      { head: result.kernels.share, numeric: true, cell: ({ share }) => `${percent(share)}${THIN}%` },
      { head: result.kind, cell: ({ part }) => kindBadge(part.figure.kind) },
    ],
  });
}
