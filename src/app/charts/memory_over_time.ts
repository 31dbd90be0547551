/** How much GPU memory did the run hold, and how near did it come to what it was allowed? */
import { nothing, svg, type TemplateResult } from 'lit';
import { byteCount, duration, percent } from '../../words/format';
import { dataTable } from '../parts/data_table';
import { words } from '../state/settings';
import { bottomAxis, leftAxis } from './axis';
import { chartFigure } from './chart_figure';
import type { MemoryOverTime } from './chart_inputs';
import { drawMark, type MarkText, type ReadoutLine, readouts } from './mark';
import { layOutMemory, type MemoryLayout, type MemoryPoint } from './memory_over_time_layout';
import { textWidth } from './text_width';

export function memoryOverTime(input: MemoryOverTime): TemplateResult {
  const { width } = input;
  const layout = layOutMemory(input, { words: words.value, measure: textWidth });
  if (!layout) {
    return chartFigure({ name: words.value.chart.memory.none, width, height: 0, drawing: null, table: null });
  }
  const { lines, height } = readouts(layout.points.map(textOf), layout.height, width, textWidth);
  const name = findingOf(layout);
  return chartFigure({
    name,
    width,
    height: layout.height,
    readoutHeight: height,
    drawing: [
      frame(layout, width),
      ...layout.points.map((point, index) => drawPoint(point, layout, index, width, lines[index]!)),
      names(layout, width),
    ],
    table: table(layout, name),
  });
}

function findingOf({ peak, limit }: MemoryLayout): string {
  const { memory: say } = words.value.chart;
  const { bytes, atSeconds } = peak.sample;
  const [held, when] = [byteCount(bytes), duration(atSeconds, words.value)];
  if (!limit) return say.found(held, when);
  const share = percent(bytes / limit.bytes);
  return (bytes > limit.bytes ? say.foundOver : say.foundOf)(held, when, share, byteCount(limit.bytes));
}

const frame = ({ yTicks, xTicks, left, bottom, areaPath, linePath }: MemoryLayout, width: number) => svg`
  ${leftAxis(yTicks, left, width)}
  <g class="numbers">${bottomAxis(xTicks, bottom, bottom)}</g>
  <g aria-hidden="true">
    <path class="held" d=${areaPath} />
    <path class="held-line" d=${linePath} />
  </g>`;

/** Over the area, or it would hide them. */
const names = ({ left, limit, peakLabel, peak }: MemoryLayout, width: number) => svg`
  <g class="axis" aria-hidden="true">
    ${limit && limit.y !== null ? svg`<line class="limit" x1=${left} x2=${width} y1=${limit.y} y2=${limit.y} />` : nothing}
    ${limit ? svg`<text class="over" x=${left} y=${(limit.y ?? 18) - 5}>${limit.text}</text>` : nothing}
    <circle class="peak" cx=${peak.x} cy=${peak.y} r="3" />
    <text class="over" x=${peakLabel.x} y=${peakLabel.y} text-anchor="middle">${peakLabel.text}</text>
  </g>`;

/** Seen only with the focus or the pointer, whose target is as wide as its value lasts. */
function drawPoint(
  point: MemoryPoint,
  layout: MemoryLayout,
  index: number,
  width: number,
  readout: readonly ReadoutLine[],
) {
  const { x, y } = point;
  const end = layout.points[index + 1]?.x ?? width;
  const drawing = svg`<rect class="target" x=${x} y="0" width=${Math.max(end - x, 1)} height=${layout.bottom} />
    <line class="pointer" x1=${x} x2=${x} y1=${y} y2=${layout.bottom} />
    <circle class="pointer" cx=${x} cy=${y} r="4" />`;
  return drawMark({ class: 'moment', text: textOf(point), first: index === 0, drawing, readout });
}

const textOf = ({ sample }: MemoryPoint): MarkText => [
  byteCount(sample.bytes),
  words.value.chart.memory.at(duration(sample.atSeconds, words.value)),
];

function table({ points }: MemoryLayout, caption: string): TemplateResult {
  const { memory: say } = words.value.chart;
  return dataTable<MemoryPoint>({
    caption,
    rows: points,
    columns: [
      { head: say.moment, cell: ({ sample }) => duration(sample.atSeconds, words.value) },
      { head: say.held, numeric: true, cell: ({ sample }) => byteCount(sample.bytes) },
    ],
  });
}
