/** How far is this GPU from others? A dot a run on a logarithmic axis, whiskers from the spread of its samples. */
import { nothing, svg, type TemplateResult } from 'lit';
import { dataTable } from '../parts/data_table';
import { kindBadge } from '../parts/kind';
import { words } from '../state/settings';
import { bottomAxis } from './axis';
import { chartFigure } from './chart_figure';
import type { RatioDots, RatioDotsWords, RatioRow } from './chart_inputs';
import { drawMark, type ReadoutLine, readouts } from './mark';
import {
  layOutRatioDots,
  type PlacedRatio,
  RADIUS,
  type RatioDotsLayout,
  ratioWords,
  sayRatio,
  TOP,
} from './ratio_dots_layout';
import { textWidth } from './text_width';

export function ratioDots(input: RatioDots): TemplateResult {
  const layout = layOutRatioDots(input, { words: words.value, measure: textWidth });
  const say = ratioWords(input, words.value);
  const name = findingOf(layout.rows, say, input.footing);
  const { lines, height } = readouts(
    layout.rows.map(({ row }) => textOf(row, say)),
    layout.height,
    input.width,
    textWidth,
  );
  return chartFigure({
    name,
    width: input.width,
    height: layout.height,
    readoutHeight: height,
    drawing:
      input.rows.length > 0
        ? [
            frame(layout),
            ...layout.rows.map((placed, index) =>
              drawRow(placed, { say, width: input.width, first: index === 0, readout: lines[index]! }),
            ),
          ]
        : null,
    table: input.rows.length > 0 ? table(layout.rows, name, say) : null,
  });
}

function findingOf(rows: readonly PlacedRatio[], say: RatioDotsWords, footing = ''): string {
  return footing ? words.value.chart.together([distancesOf(rows, say), footing]) : distancesOf(rows, say);
}

function distancesOf(rows: readonly PlacedRatio[], say: RatioDotsWords): string {
  const { ratios } = words.value.chart;
  const known = rows.map(({ row }) => row).filter(({ ratio }) => ratio !== null);
  const [fastest] = known;
  if (!fastest) return ratios.none(rows.length);
  const distance = ({ ratio }: RatioRow) => Math.abs(Math.log(ratio!));
  const nearest = known.reduce((best, row) => (distance(row) < distance(best) ? row : best));
  const told = (row: RatioRow) => ratios.one(row.label, sayRatio(row.ratio, words.value, say));
  if (known.length === 1) return ratios.only(told(fastest));
  return fastest.ratio! > 1 && nearest !== fastest
    ? say.fastestAndNearest(told(fastest), told(nearest))
    : say.nearest(told(nearest));
}

function frame({ ticks, axisY, sides, own, ownX, rows }: RatioDotsLayout) {
  return svg`${bottomAxis(ticks, TOP, axisY)}
    <g class="axis" aria-hidden="true">
      ${sides.map(({ x, anchor, text }) => svg`<text x=${x} y=${axisY + 32} text-anchor=${anchor}>${text}</text>`)}
      <text class="own-name" x=${own.x} y="12" text-anchor="middle">${own.text}</text>
      ${rows.filter(({ x }) => x !== null).map(({ dotY }) => svg`<line class="own-line" x1=${ownX} x2=${ownX} y1=${dotY - 11} y2=${dotY + 12} />`)}
    </g>`;
}

interface Drawn {
  readonly say: RatioDotsWords;
  readonly width: number;
  readonly first: boolean;
  readonly readout: readonly ReadoutLine[];
}

function drawRow(placed: PlacedRatio, { say, width, first, readout }: Drawn) {
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
  return drawMark({ class: `segment ratio kind-${row.kind}`, text: textOf(row, say), first, drawing, readout });
}

const whiskerPath = ([low, high]: readonly [number, number], y: number) =>
  `M${low} ${y - 4}V${y + 4}M${low} ${y}H${high}M${high} ${y - 4}V${y + 4}`;

const spreadText = ({ low, high }: RatioRow, say: RatioDotsWords) =>
  low !== null && high !== null
    ? words.value.chart.ratios.spread(sayRatio(low, words.value, say), sayRatio(high, words.value, say))
    : '';

const textOf = (row: RatioRow, say: RatioDotsWords) =>
  [
    row.label,
    sayRatio(row.ratio, words.value, say),
    spreadText(row, say),
    row.basis,
    words.value.kinds[row.kind],
  ].filter((part) => part !== '');

function table(rows: readonly PlacedRatio[], caption: string, say: RatioDotsWords): TemplateResult {
  const { chart, result } = words.value;
  return dataTable<PlacedRatio>({
    caption,
    rows,
    columns: [
      { head: chart.row, cell: ({ row }) => row.label },
      { head: say.head, numeric: true, cell: ({ row }) => sayRatio(row.ratio, words.value, say) || '–' },
      { head: chart.range, numeric: true, cell: ({ row }) => spreadText(row, say) || '–' },
      { head: chart.ratios.basis, cell: ({ row }) => row.basis },
      { head: result.kind, cell: ({ row }) => kindBadge(row.kind) },
    ],
  });
}
