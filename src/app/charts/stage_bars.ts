/**
 * Where does the time go? One row a run, one axis, one segment a stage. Colour
 * says the stage, texture says how the number came to be.
 */
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Figure } from '../../core/result';
import { duration, percent, THIN } from '../../words/format';
import { dataTable } from '../parts/data_table';
import { kindBadge } from '../parts/kind';
import { words } from '../state/settings';
import { bottomAxis } from './axis';
import { placeTicks } from './axis_ticks';
import { chartFigure } from './chart_figure';
import { drawMark } from './mark';
import {
  BAR_HEIGHT,
  BAR_TOP,
  type Bar,
  type BarPart,
  type BarRow,
  type BarStage,
  basisHeight,
  type Gap,
  HEAD,
  LABEL,
  layOutStageBars,
  type Segment,
  type StageBarsLayout,
} from './stage_bars_layout';
import { fittingText, NAME_PX, SMALL_PX, TOTAL_PX, textWidth } from './text_width';

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
  const withSwatch = (text: string) => ({ text, width: SWATCH + textWidth(text, SMALL_PX) });
  const layout = layOutStageBars(rows, {
    width,
    scale,
    label: (part, share, short) => withSwatch(segmentLabel(part, share, scale, short)),
    gapLabel: (stage, short) => withSwatch(gapLabel(stage, short)),
  });
  const firstWithMarks = layout.bars.find(({ segments, gaps }) => segments.length + gaps.length > 0);
  return chartFigure({
    name,
    caption,
    width,
    height: layout.height,
    drawing: [axis(layout), ...layout.bars.map((bar) => drawBar(bar, layout, bar === firstWithMarks))],
    table: stageTable(layout.bars, name),
  });
}

function axis({ ticks, tickUnit, axisY, width }: StageBarsLayout) {
  const unit = tickUnit === '%' ? '%' : words.value.units[tickUnit];
  const named = ticks.map(({ x, value }) => ({ value: x, text: `${value}${THIN}${unit}` }));
  return bottomAxis(
    placeTicks(named, (x) => x, [0, width], textWidth),
    0,
    axisY,
  );
}

function drawBar(bar: Bar, { width }: StageBarsLayout, tabStop: boolean) {
  const { row, y, segments, gaps } = bar;
  const { thisGpu, notRun } = words.value.result;
  const headY = HEAD - basisHeight(row);
  const totalText = totalOf(bar);
  const label = fittingText(
    row.label,
    width - textWidth(totalText, TOTAL_PX, 650) - 16,
    textWidth,
    NAME_PX,
    weightOf(row),
  );
  return svg`<g transform="translate(0 ${y})" class=${row.own ? 'bar own' : 'bar'}>
    <text class="row-name" y=${headY} aria-hidden="true">${label}<tspan class="row-note" dx="8">${fittingNotes(row, totalText, width)}</tspan></text>
    ${row.basis ? svg`<text class="row-note" y=${HEAD} aria-hidden="true">${fittingText(row.basis, width, textWidth, SMALL_PX)}</text>` : nothing}
    ${
      row.parts
        ? svg`<text class="row-total" x=${width} y=${headY} text-anchor="end" aria-hidden="true">${totalText}</text>
          ${segments.map((segment, index) => drawSegment(bar, segment, tabStop && index === 0))}
          ${gaps.map((gap, index) => drawGap(bar, gap, tabStop && segments.length + index === 0))}`
        : svg`<g role="img" aria-label="${thisGpu}: ${notRun}">
            <rect class="not-run" x="0.5" y=${BAR_TOP + 0.5} width=${width - 1} height=${BAR_HEIGHT - 1} rx="2" />
          </g>`
    }
  </g>`;
}

/** A missing stage leaves the sum open above. */
function totalOf({ row, totalSeconds, gaps }: Bar): string {
  if (!row.parts || totalSeconds === 0) return '';
  const total = duration(totalSeconds, words.value);
  return gaps.length > 0 ? words.value.chart.atLeast(total) : total;
}

function drawSegment({ row }: Bar, { part, x, width, share, label, labelX }: Segment, first: boolean) {
  const { chart, stages, kinds } = words.value;
  const { kind, seconds } = part.figure;
  const text = [
    row.label,
    chart.amount(stages[part.stage], duration(seconds, words.value)),
    ...(share === null ? [] : [chart.share(percent(share))]),
    kinds[kind],
    ...(row.basis ? [row.basis] : []),
  ];
  // Half a pixel on either side keeps neighbours apart, so that colour is not the only border.
  const drawn = { x: x + 0.5, width: Math.max(width - 1, 1) };
  const sliver = width <= 4; // too narrow for a texture to be seen
  const drawing = svg`<title>${text.join(chart.comma)}</title>
    <rect class="fill" x=${drawn.x} y=${BAR_TOP} width=${drawn.width} height=${BAR_HEIGHT} />
    ${!sliver ? svg`<rect class="edge" x=${drawn.x + 0.75} y=${BAR_TOP + 0.75} width=${drawn.width - 1.5} height=${BAR_HEIGHT - 1.5} />` : nothing}
    ${drawLabel(label, labelX)}`;
  return drawMark({
    class: `segment stage-${part.stage} ${sliver ? '' : `kind-${kind}`}`,
    text,
    first,
    drawing,
    readout: [],
  });
}

function drawGap({ row }: Bar, { stage, x, width, label, labelX }: Gap, first: boolean) {
  const text = [row.label, gapLabel(stage, false)];
  const drawing = svg`<title>${text.join(words.value.chart.comma)}</title>
    <rect class="gap" x=${x + 1.5} y=${BAR_TOP + 0.5} width=${width - 3} height=${BAR_HEIGHT - 1} />
    ${drawLabel(label, labelX)}`;
  return drawMark({ class: `segment missing stage-${stage}`, text, first, drawing, readout: [] });
}

const drawLabel = (label: string, x: number) =>
  label
    ? svg`<rect class="swatch" x=${x} y=${LABEL - 9} width="9" height="9" />
      <text class="label" x=${x + SWATCH} y=${LABEL}>${label}</text>`
    : nothing;

function segmentLabel(
  { stage, figure }: BarPart,
  share: number | null,
  scale: StageBars['scale'],
  short: boolean,
): string {
  const inPercent = scale === 'percent' && share !== null;
  const amount = inPercent ? `${percent(share)}${THIN}%` : duration(figure.seconds, words.value);
  return short ? amount : `${words.value.stages[stage]} ${amount}`;
}

function gapLabel(stage: BarStage, short: boolean): string {
  const { stages, chart } = words.value;
  return short ? stages[stage] : chart.missing(stages[stage]);
}

const weightOf = ({ own }: BarRow) => (own ? 650 : 400);

/** The name and the total stand in one line; notes fill what is left between them. */
function fittingNotes(row: BarRow, totalText: string, width: number): string {
  const { label, notes } = row;
  const room = width - textWidth(label, NAME_PX, weightOf(row)) - textWidth(totalText, TOTAL_PX, 650) - 20;
  const fitting = notes
    .map((_, count) => notes.slice(0, count + 1).join(' · '))
    .filter((text) => textWidth(text, SMALL_PX) < room);
  return fitting.at(-1) ?? '';
}

interface TableRow {
  readonly row: BarRow;
  readonly stage: BarStage;
  /** Null: missing. */
  readonly figure: Figure | null;
  readonly share: number | null;
}

function stageTable(bars: readonly Bar[], caption: string): TemplateResult {
  const { chart, result, stages } = words.value;
  const rows = bars.flatMap(({ row, segments, gaps }): TableRow[] => [
    ...segments.map(({ part, share }) => ({ ...part, row, share })),
    ...gaps.map(({ stage }) => ({ row, stage, figure: null, share: null })),
  ]);
  return dataTable<TableRow>({
    caption,
    rows,
    columns: [
      {
        head: chart.row,
        cell: ({ row }) => html`${row.label} ${row.basis ? html`<small>${row.basis}</small>` : nothing}`,
      },
      { head: result.stage, cell: ({ stage }) => stages[stage] },
      {
        head: result.seconds,
        numeric: true,
        cell: ({ figure }) => (figure ? duration(figure.seconds, words.value) : chart.notPublished),
      },
      {
        head: result.kernels.share,
        numeric: true,
        cell: ({ share }) => (share === null ? '–' : `${percent(share)}${THIN}%`),
      },
      { head: result.kind, cell: ({ figure }) => (figure ? kindBadge(figure.kind) : '–') },
    ],
  });
}
