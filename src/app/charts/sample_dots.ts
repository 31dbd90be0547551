/** Is it repeatable? Every sample as a dot around its row's median: with five repeats a box would hide more than it shows. */
import { svg, type TemplateResult } from 'lit';
import { duration, plusMinus, signedPercent } from '../../words/format';
import { dataTable } from '../parts/data_table';
import { kindBadge } from '../parts/kind';
import { words } from '../state/settings';
import { bottomAxis } from './axis';
import { chartFigure } from './chart_figure';
import type { SampleDots } from './chart_inputs';
import { drawMark, type MarkText, type ReadoutLine, readouts } from './mark';
import {
  HEAD,
  layOutSampleDots,
  type PlacedSamples,
  RADIUS,
  ROW_HEIGHT,
  type SampleDot,
  type SampleDotsLayout,
} from './sample_dots_layout';
import { fittingText, NAME_PX, TOTAL_PX, textWidth } from './text_width';

export function sampleDots(input: SampleDots): TemplateResult {
  const { width } = input;
  const layout = layOutSampleDots(input, { words: words.value, measure: textWidth });
  if (!layout) {
    return chartFigure({ name: words.value.chart.samples.none, width, height: 0, drawing: null, table: null });
  }
  const dots = layout.rows.flatMap((row) => row.dots);
  const { lines, height } = readouts(dots.map(textOf), layout.height, width, textWidth);
  const name = findingOf(layout);
  return chartFigure({
    name,
    width,
    height: layout.height,
    readoutHeight: height,
    drawing: [
      bottomAxis(layout.ticks, 0, layout.axisY),
      ...layout.rows.map((row) => frame(row, layout, width)),
      ...dots.map((dot, index) => drawDot(dot, index === 0, lines[index]!)),
    ],
    table: table(dots, name),
  });
}

function findingOf({ rows }: SampleDotsLayout): string {
  const { samples: say } = words.value.chart;
  const repeated = rows.filter(({ dots }) => dots.length > 1);
  if (repeated.length === 0) return say.once;
  const widest = repeated.reduce((most, row) => (row.farthest > most.farthest ? row : most));
  return repeated.length === 1
    ? say.one(widest.row.label, widest.dots.length, plusMinus(widest.farthest))
    : say.all(plusMinus(widest.farthest), widest.row.label);
}

function frame({ row, y, medianText }: PlacedSamples, { medianX }: SampleDotsLayout, width: number) {
  const label = fittingText(row.label, width - textWidth(medianText, TOTAL_PX, 650) - 16, textWidth, NAME_PX);
  return svg`<g aria-hidden="true">
    <text class="row-name" y=${y + HEAD}>${label}</text>
    <text class="row-total" x=${width} y=${y + HEAD} text-anchor="end">${medianText}</text>
    <line class="median" x1=${medianX} x2=${medianX} y1=${y + HEAD + 7} y2=${y + ROW_HEIGHT - 8} />
  </g>`;
}

function drawDot(dot: SampleDot, first: boolean, readout: readonly ReadoutLine[]) {
  const { x, y } = dot;
  const drawing = svg`<circle class="fill" cx=${x} cy=${y} r=${RADIUS} /><circle class="edge" cx=${x} cy=${y} r=${RADIUS} />`;
  return drawMark({ class: 'segment sample', text: textOf(dot), first, drawing, readout });
}

function textOf({ row, number, seconds, deviation }: SampleDot): MarkText {
  const { chart } = words.value;
  return [
    row.label,
    chart.samples.number(number),
    duration(seconds, words.value),
    chart.deviation(signedPercent(deviation)),
  ];
}

function table(dots: readonly SampleDot[], caption: string): TemplateResult {
  const { chart, result } = words.value;
  return dataTable<SampleDot>({
    caption,
    rows: dots,
    columns: [
      { head: chart.row, cell: ({ row }) => row.label },
      { head: chart.samples.sample, numeric: true, cell: ({ number }) => number },
      { head: result.seconds, numeric: true, cell: ({ seconds }) => duration(seconds, words.value) },
      { head: chart.fromMedian, numeric: true, cell: ({ deviation }) => signedPercent(deviation) },
      { head: result.kind, cell: ({ row }) => kindBadge(row.figure.kind) },
    ],
  });
}
