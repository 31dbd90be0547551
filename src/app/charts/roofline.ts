/** Why is it as fast as it is? Kernels as dots whose area is their share of the time, under the roofs they wait for. */
import { svg, type TemplateResult } from 'lit';
import type { KernelRow } from '../../compare/kernel_rows';
import { figures, percent, rate, THIN } from '../../words/format';
import { dataTable } from '../parts/data_table';
import { words } from '../state/settings';
import { bottomAxis, leftAxis } from './axis';
import { chartFigure } from './chart_figure';
import type { Roofline } from './chart_inputs';
import { kernelFamily } from './kernel_family';
import { drawMark, type MarkText, type ReadoutLine, readouts } from './mark';
import { type Dot, intensityOf, KEY_LINE, layOutRoofline, type Roof, type RooflineLayout } from './roofline_layout';
import { textWidth } from './text_width';

export function roofline(input: Roofline): TemplateResult {
  const layout = layOutRoofline(input, { words: words.value, measure: textWidth });
  const { roofline: say } = words.value.chart;
  if (!layout) return chartFigure({ name: say.none, width: input.width, height: 0, drawing: null, table: null });
  const texts = layout.dots.map(({ kernel }) => textOf(kernel));
  const { lines, height } = readouts(texts, layout.height, input.width, textWidth);
  const name = findingOf(layout);
  return chartFigure({
    name,
    width: input.width,
    height: layout.height,
    readoutHeight: height,
    drawing: [frame(layout), ...layout.dots.map((dot, index) => drawDot(dot, index === 0, lines[index]!))],
    table: table(layout, name),
  });
}

function findingOf({ dots, left }: RooflineLayout): string {
  const { result, chart } = words.value;
  const kernels = [...dots.map(({ kernel }) => kernel), ...left];
  const longest = dots[0]!.kernel;
  const memory = kernels.filter(({ waitsFor }) => waitsFor === 'memory').reduce((sum, { share }) => sum + share, 0);
  return chart.together([
    result.kernels.finding(longest.kernel, Math.round(longest.share * 100), Math.round(longest.ofRoof * 100)),
    chart.roofline.waits(percent(memory)),
  ]);
}

function frame({ plot, xTicks, yTicks, roofs, ridge, halves }: RooflineLayout) {
  const { intensity, speed } = words.value.chart.roofline;
  return svg`${leftAxis(yTicks, plot.left, plot.right)} ${bottomAxis(xTicks, plot.top, plot.bottom)}
    <g class="axis" aria-hidden="true">
      <text x="0" y=${plot.bottom + 32}>${speed}</text>
      <text x=${plot.right} y=${plot.bottom + 32} text-anchor="end">${intensity}</text>
      <line class="ridge" x1=${ridge.x} x2=${ridge.x} y1=${ridge.textY + 4} y2=${plot.bottom} />
      <text x=${ridge.textX} y=${ridge.textY} text-anchor="middle">${ridge.text}</text>
      ${halves.map(({ x, anchor, lines }) =>
        lines.map(
          (text, index) =>
            svg`<text class="half" x=${x} y=${plot.bottom - 22 + 16 * index} text-anchor=${anchor}>${text}</text>`,
        ),
      )}
      ${roofs.map(drawRoof)}
    </g>`;
}

function drawRoof({ points, measured, main, label }: Roof) {
  const looks = `roof ${measured ? '' : 'sheet'} ${main ? 'main' : ''}`;
  return svg`<polyline class=${looks} points=${points.map((point) => point.join(',')).join(' ')} />
    <polyline class=${looks} points="${label.x},${label.y - 4} ${label.x + KEY_LINE},${label.y - 4}" />
    <text x=${label.x + KEY_LINE + 6} y=${label.y}>${label.text}</text>`;
}

function drawDot({ kernel, x, y, radius, label }: Dot, first: boolean, readout: readonly ReadoutLine[]) {
  const drawing = svg`<circle class="fill" cx=${x} cy=${y} r=${radius} />
    <circle class="edge" cx=${x} cy=${y} r=${radius} />
    ${label ? svg`<text class="label over" x=${label.x} y=${label.y}>${label.text}</text>` : ''}`;
  return drawMark({
    class: `segment dot kernel-${kernelFamily(kernel.kernel)}`,
    text: textOf(kernel),
    first,
    drawing,
    readout,
  });
}

function textOf(kernel: KernelRow): MarkText {
  const { roofline: say } = words.value.chart;
  const { kernels } = words.value.result;
  return [
    kernel.kernel,
    say.time(percent(kernel.share)),
    `${figures(intensityOf(kernel))}${THIN}${say.intensity}`,
    rate(kernel.flopsPerSecond, 'FLOP/s'),
    say.roof(percent(kernel.ofRoof)),
    say.bound(kernels[kernel.waitsFor]),
  ];
}

function table({ dots, left, roofs }: RooflineLayout, caption: string): TemplateResult {
  const { roofline: say } = words.value.chart;
  const { kernels } = words.value.result;
  const finite = (value: number, text: string) => (Number.isFinite(value) ? text : '–');
  return dataTable<KernelRow | Roof>({
    caption,
    rows: [...dots.map(({ kernel }) => kernel), ...left, ...roofs],
    columns: [
      { head: say.name, cell: (row) => ('kernel' in row ? row.kernel : row.name) },
      { head: kernels.share, numeric: true, cell: (row) => ('kernel' in row ? `${percent(row.share)}${THIN}%` : '') },
      {
        head: say.intensity,
        numeric: true,
        cell: (row) => ('kernel' in row ? figures(intensityOf(row)) : figures(row.flopsPerSecond / row.bytesPerSecond)),
      },
      {
        head: kernels.flops,
        numeric: true,
        cell: ({ flopsPerSecond }) => finite(flopsPerSecond, rate(flopsPerSecond, 'FLOP/s')),
      },
      {
        head: kernels.bytes,
        numeric: true,
        cell: ({ bytesPerSecond }) => finite(bytesPerSecond, rate(bytesPerSecond, 'B/s')),
      },
      {
        head: kernels.roof,
        numeric: true,
        cell: (row) => ('kernel' in row ? finite(row.ofRoof, percent(row.ofRoof)) : ''),
      },
      { head: kernels.bound, cell: (row) => ('kernel' in row ? kernels[row.waitsFor] : '') },
    ],
  });
}
