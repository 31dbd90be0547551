/** How far is this GPU from others? A dot a run on a logarithmic axis, whiskers from the spread of its samples. */
import { nothing, svg, type TemplateResult } from 'lit';
import { dataTable } from '../parts/data_table';
import { kindBadge } from '../parts/kind';
import { words } from '../state/settings';
import { bottomAxis } from './axis';
import { chartFigure } from './chart_figure';
import type { RatioDots, RatioRow } from './chart_inputs';
import { drawMark, type ReadoutLine, readouts } from './mark';
import { layOutRatioDots, type PlacedRatio, RADIUS, type RatioDotsLayout, sayRatio, TOP } from './ratio_dots_layout';
import { textWidth } from './text_width';

export function ratioDots(input: RatioDots): TemplateResult {
  const layout = layOutRatioDots(input, { words: words.value, measure: textWidth });
  const { lines, height } = readouts(
    layout.rows.map(({ row }) => textOf(row)),
    layout.height,
    input.width,
    textWidth,
  );
  return chartFigure({
    name: findingOf(layout.rows),
    width: input.width,
    height: layout.height,
    readoutHeight: height,
    drawing:
      input.rows.length > 0
        ? [
            frame(layout),
            ...layout.rows.map((placed, index) => drawRow(placed, input.width, index === 0, lines[index]!)),
          ]
        : null,
    table: input.rows.length > 0 ? table(layout.rows) : null,
  });
}

function findingOf(rows: readonly PlacedRatio[]): string {
  const { ratios } = words.value.chart;
  const known = rows.map(({ row }) => row).filter(({ ratio }) => ratio !== null);
  const [fastest] = known;
  if (!fastest) return ratios.none(rows.length);
  const distance = ({ ratio }: RatioRow) => Math.abs(Math.log(ratio!));
  const nearest = known.reduce((best, row) => (distance(row) < distance(best) ? row : best));
  const say = (row: RatioRow) => ratios.one(row.label, sayRatio(row.ratio, words.value));
  if (known.length === 1) return ratios.only(say(fastest));
  return fastest.ratio! > 1 && nearest !== fastest
    ? ratios.fastestAndNearest(say(fastest), say(nearest))
    : ratios.nearest(say(nearest));
}

function frame({ ticks, axisY, sides, own, ownX, rows }: RatioDotsLayout) {
  return svg`${bottomAxis(ticks, TOP, axisY)}
    <g class="axis" aria-hidden="true">
      ${sides.map(({ x, anchor, text }) => svg`<text x=${x} y=${axisY + 32} text-anchor=${anchor}>${text}</text>`)}
      <text class="own-name" x=${own.x} y="12" text-anchor="middle">${own.text}</text>
      ${rows.filter(({ x }) => x !== null).map(({ dotY }) => svg`<line class="own-line" x1=${ownX} x2=${ownX} y1=${dotY - 11} y2=${dotY + 12} />`)}
    </g>`;
}

function drawRow(placed: PlacedRatio, width: number, first: boolean, readout: readonly ReadoutLine[]) {
  const { row, headY, label, ratioText, basis, dotY, x, whisker } = placed;
  const drawing = svg`<text class="row-name" y=${headY} aria-hidden="true">${label}</text>
    <text class="row-note" x=${basis.x} y=${basis.y} aria-hidden="true">${basis.text}</text>
    <text class="row-total" x=${width} y=${headY} text-anchor="end" aria-hidden="true">${ratioText}</text>
    ${
      x === null
        ? svg`<rect class="not-run" x="0.5" y=${dotY - RADIUS} width=${width - 1} height=${2 * RADIUS} rx="2" />`
        : svg`${whisker ? svg`<path class="whisker" d=${whiskerPath(whisker, dotY)} />` : nothing}
          <circle class="ground" cx=${x} cy=${dotY} r=${RADIUS + 1} />
          <circle class="fill" cx=${x} cy=${dotY} r=${RADIUS} />
          <circle class="edge" cx=${x} cy=${dotY} r=${RADIUS - 0.75} />`
    }`;
  return drawMark({ class: `segment ratio kind-${row.kind}`, text: textOf(row), first, drawing, readout });
}

const whiskerPath = ([low, high]: readonly [number, number], y: number) =>
  `M${low} ${y - 4}V${y + 4}M${low} ${y}H${high}M${high} ${y - 4}V${y + 4}`;

const spreadText = ({ low, high }: RatioRow) =>
  low !== null && high !== null
    ? words.value.chart.ratios.spread(sayRatio(low, words.value), sayRatio(high, words.value))
    : '';

const textOf = (row: RatioRow) =>
  [row.label, sayRatio(row.ratio, words.value), spreadText(row), row.basis, words.value.kinds[row.kind]].filter(
    (part) => part !== '',
  );

function table(rows: readonly PlacedRatio[]): TemplateResult {
  const { chart, result } = words.value;
  return dataTable<PlacedRatio>({
    caption: findingOf(rows),
    rows,
    columns: [
      { head: chart.row, cell: ({ row }) => row.label },
      { head: chart.ratios.ratio, numeric: true, cell: ({ row }) => sayRatio(row.ratio, words.value) || '–' },
      { head: chart.range, numeric: true, cell: ({ row }) => spreadText(row) || '–' },
      { head: chart.ratios.basis, cell: ({ row }) => row.basis },
      { head: result.kind, cell: ({ row }) => kindBadge(row.kind) },
    ],
  });
}
