/** Is it steady? A tick a step, as high as the step was long; a trend of more than a tenth has a line. */

import { nothing, svg, type TemplateResult } from 'lit';
import { extent } from '../../core/extent';
import { duration, percent, signedPercent, times } from '../../words/format';
import { dataTable } from '../parts/data_table';
import { words } from '../state/settings';
import { bottomAxis, leftAxis } from './axis';
import { chartFigure } from './chart_figure';
import type { StepStrip } from './chart_inputs';
import { drawMark, type MarkText, type ReadoutLine, readouts } from './mark';
import { layOutStepStrip, type StepStripLayout, type StepTick } from './step_strip_layout';
import { SMALL_PX, textWidth } from './text_width';

export function stepStrip(input: StepStrip): TemplateResult {
  const { step, width } = input;
  const layout = layOutStepStrip(input, { words: words.value, measure: textWidth });
  if (!layout) {
    return chartFigure({ name: words.value.chart.steps.none, width, height: 0, drawing: null, table: null });
  }
  const texts = layout.steps.map((tick) => textOf(tick, layout));
  const { lines, height } = readouts(texts, layout.height, width, textWidth);
  const name = findingOf(layout);
  return chartFigure({
    name,
    width,
    height: layout.height,
    readoutHeight: height,
    drawing: [
      frame(layout),
      ...layout.steps.map((tick, index) => drawTick(tick, layout, `kind-${step.kind}`, index === 0, lines[index]!)),
      overTicks(layout),
    ],
    table: table(layout, name),
  });
}

/** Steps of the same work that differ by more than this were disturbed. */
const UNEVEN = 1.2;

function findingOf({ steps, trend, trendPath, medianSeconds }: StepStripLayout): string {
  const { steps: say } = words.value.chart;
  const seconds = steps.filter(({ warmUp }) => !warmUp).map((step) => step.seconds);
  const time = (value: number) => duration(value, words.value);
  const { min: shortest, max: longest } = extent(seconds);
  const spread = say.spread(seconds.length, time(medianSeconds), time(shortest), time(longest));
  const change = trend !== null && percent(Math.abs(trend));
  const level = longest > UNEVEN * shortest ? say.uneven(times(longest / shortest, words.value)) : say.steady;
  const steady = !change ? say.few : !trendPath ? level : trend! > 0 ? say.slowing(change) : say.quickening(change);
  return words.value.chart.together([spread, steady]);
}

const frame = ({ yTicks, xTicks, left, right, bottom, warmUpLabel }: StepStripLayout) => svg`
  ${leftAxis(yTicks, left, right)}
  <g class="numbers">${bottomAxis(xTicks, bottom, bottom)}</g>
  ${
    warmUpLabel
      ? svg`<g class="axis" aria-hidden="true">
          <text x=${warmUpLabel.x} y=${bottom + 16}>${warmUpLabel.text}</text>
          <text x=${warmUpLabel.x} y="13">${warmUpLabel.cutText}</text>
        </g>`
      : nothing
  }`;

/** The two lines lie over the ticks, or long steps would hide them. */
function overTicks({ medianY, medianText, left, right, trendPath, steps }: StepStripLayout) {
  const first = steps.find(({ warmUp }) => !warmUp)!;
  const textX = right - textWidth(medianText, SMALL_PX);
  return svg`<g class="axis" aria-hidden="true">
    <line class="median" x1=${Math.max(first.x - 4, left)} x2=${right} y1=${medianY} y2=${medianY} />
    <line class="median" x1=${textX - 26} x2=${textX - 6} y1="9" y2="9" />
    <text x=${right} y="13" text-anchor="end">${medianText}</text>
    ${trendPath ? svg`<path class="trend" d=${trendPath} />` : nothing}
  </g>`;
}

function drawTick(
  tick: StepTick,
  layout: StepStripLayout,
  kind: string,
  first: boolean,
  readout: readonly ReadoutLine[],
) {
  const { x, y, width, warmUp, cut } = tick;
  const height = layout.bottom - y;
  // The white stroke through a cut tick says that it goes on.
  const drawing = svg`<rect class="fill" x=${x} y=${y} width=${width} height=${height} />
    <rect class="edge" x=${x} y=${y} width=${width} height=${height} />
    ${cut ? svg`<path class="cut" d="M${x - 2} ${y + 14}l${width + 4} -6" />` : nothing}`;
  const looks = warmUp ? 'warm-up' : width > 4 ? kind : '';
  return drawMark({ class: `segment stage-denoise ${looks}`, text: textOf(tick, layout), first, drawing, readout });
}

function textOf({ warmUp, number, seconds }: StepTick, { medianSeconds }: StepStripLayout): MarkText {
  const { steps: say, deviation } = words.value.chart;
  return [
    warmUp ? say.warmUpNumber(number) : say.number(number),
    duration(seconds, words.value),
    deviation(signedPercent(seconds / medianSeconds - 1)),
  ];
}

function table(layout: StepStripLayout, caption: string): TemplateResult {
  const { chart, result } = words.value;
  return dataTable<StepTick>({
    caption,
    rows: layout.steps,
    columns: [
      { head: chart.steps.head, cell: ({ warmUp, number }) => (warmUp ? chart.steps.warmUpNumber(number) : number) },
      { head: result.seconds, numeric: true, cell: ({ seconds }) => duration(seconds, words.value) },
      {
        head: chart.fromMedian,
        numeric: true,
        cell: ({ seconds }) => signedPercent(seconds / layout.medianSeconds - 1),
      },
    ],
  });
}
