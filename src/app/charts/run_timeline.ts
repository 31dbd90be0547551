/** What happened when? A lane each for fetching, uploading and the three stages; a gap in all of them is idle time. */
import { svg, type TemplateResult } from 'lit';
import { duration, percent } from '../../words/format';
import { dataTable } from '../parts/data_table';
import { words } from '../state/settings';
import { bottomAxis } from './axis';
import { chartFigure } from './chart_figure';
import type { RunTimeline } from './chart_inputs';
import { drawMark, type MarkText, type ReadoutLine, readouts } from './mark';
import {
  LANE_HEIGHT,
  type Lane,
  layOutTimeline,
  type PlacedSpan,
  type RunTimelineLayout,
  SPAN_HEIGHT,
} from './run_timeline_layout';
import { textWidth } from './text_width';

const SPAN_TOP = (LANE_HEIGHT - SPAN_HEIGHT) / 2;

export function runTimeline(input: RunTimeline): TemplateResult {
  const { timeline: say } = words.value.chart;
  const layout = layOutTimeline(input, { words: words.value, measure: textWidth });
  if (!layout) return chartFigure({ name: say.none, width: input.width, height: 0, drawing: null, table: null });
  const placed = layout.lanes.flatMap((lane) => lane.spans.map((span) => ({ lane, span })));
  const { lines, height } = readouts(
    placed.map(({ span }) => textOf(span)),
    layout.height,
    input.width,
    textWidth,
  );
  const name = findingOf(layout);
  return chartFigure({
    name,
    width: input.width,
    height: layout.height,
    readoutHeight: height,
    drawing: [
      frame(layout, input.width),
      ...placed.map(({ lane, span }, index) => drawSpan(lane, span, index === 0, lines[index]!)),
    ],
    table: table(
      placed.map(({ span }) => span),
      name,
    ),
  });
}

function findingOf({ lanes, seconds, idleSeconds }: RunTimelineLayout): string {
  const { timeline: say, lanes: names } = words.value.chart;
  const longest = lanes.reduce((best, lane) => (lane.busySeconds > best.busySeconds ? lane : best));
  const whole = duration(seconds, words.value);
  return words.value.chart.together([
    say.longest(names[longest.lane], percent(longest.busySeconds / seconds), whole),
    idleSeconds > 0.005 * seconds
      ? say.idle(duration(idleSeconds, words.value), percent(idleSeconds / seconds))
      : say.neverIdle,
  ]);
}

function frame({ lanes, ticks, axisY }: RunTimelineLayout, width: number) {
  const { lanes: names } = words.value.chart;
  return svg`${bottomAxis(ticks, 0, axisY)}
    <g aria-hidden="true">
      ${lanes.map(
        ({ lane, y, busyText }) => svg`<text class="row-name" y=${y + 17}>${names[lane]}</text>
          <text class="label" y=${y + 33}>${busyText}</text>
          <line class="rule" x1="0" x2=${width} y1=${y + LANE_HEIGHT} y2=${y + LANE_HEIGHT} />`,
      )}
    </g>`;
}

function drawSpan({ lane, y }: Lane, placed: PlacedSpan, first: boolean, readout: readonly ReadoutLine[]) {
  const { x, width } = placed;
  // Half a pixel on either side keeps neighbours apart, where there is a pixel to spare.
  const gap = width > 3 ? 0.5 : 0;
  const drawing = svg`<rect class="fill" x=${x + gap} y=${y + SPAN_TOP} width=${Math.max(width - 2 * gap, 1)} height=${SPAN_HEIGHT} />
    <rect class="edge" x=${x + gap} y=${y + SPAN_TOP} width=${Math.max(width - 2 * gap, 1)} height=${SPAN_HEIGHT} />`;
  return drawMark({ class: `segment stage-${lane}`, text: textOf(placed), first, drawing, readout });
}

function textOf({ span }: PlacedSpan): MarkText {
  const { timeline: say, lanes } = words.value.chart;
  const { lane, fromSeconds, toSeconds } = span;
  const label = spanLabel(span.label);
  return [
    ...[label ? say.named(lanes[lane], label) : lanes[lane]],
    duration(toSeconds - fromSeconds, words.value),
    say.range(duration(fromSeconds, words.value), duration(toSeconds, words.value)),
  ];
}

/** The engine writes 'step 3' or 'block'; what it says has a word in every language, and other labels are names. */
function spanLabel(text: string): string {
  const { label } = words.value.chart.timeline;
  const [, what = '', number = ''] = /^(\w+)(?: (\d+))?$/.exec(text) ?? [];
  return Object.hasOwn(label, what) ? label[what as keyof typeof label](number) : text;
}

function table(spans: readonly PlacedSpan[], caption: string): TemplateResult {
  const { timeline: say, lanes } = words.value.chart;
  const time = (seconds: number) => duration(seconds, words.value);
  return dataTable<PlacedSpan>({
    caption,
    rows: spans,
    columns: [
      { head: say.lane, cell: ({ span }) => lanes[span.lane] },
      { head: say.what, cell: ({ span }) => spanLabel(span.label) },
      { head: say.from, numeric: true, cell: ({ span }) => time(span.fromSeconds) },
      { head: say.to, numeric: true, cell: ({ span }) => time(span.toSeconds) },
      { head: words.value.result.seconds, numeric: true, cell: ({ span }) => time(span.toSeconds - span.fromSeconds) },
    ],
  });
}
