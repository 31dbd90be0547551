import { describe, expect, test } from 'vitest';
import { logTicks, placeTicks, timeTicks } from '../../src/app/charts/axis_ticks';
import { kernelFamily } from '../../src/app/charts/kernel_family';
import { labelBox, overlaps, placeLabels } from '../../src/app/charts/label_places';
import { layOutMemory } from '../../src/app/charts/memory_over_time_layout';
import { layOutRatioDots, RADIUS } from '../../src/app/charts/ratio_dots_layout';
import { layOutRoofline } from '../../src/app/charts/roofline_layout';
import { coveredSeconds, layOutTimeline } from '../../src/app/charts/run_timeline_layout';
import { RADIUS as DOT, layOutSampleDots } from '../../src/app/charts/sample_dots_layout';
import { layOutStepStrip } from '../../src/app/charts/step_strip_layout';
import { fittingText, type Pen, roughWidth } from '../../src/app/charts/text_width';
import { en } from '../../src/words/en';
import { figure } from '../compare/example_result';
import { hard, memory, ratios, roof, samples, steps, timeline } from './chart_examples';

const pen: Pen = { words: en, measure: roughWidth };
const WIDTHS = [320, 650, 1100];

describe('ticks', () => {
  test('have names inside the axis and apart, the first rank first', () => {
    const values = Array.from({ length: 30 }, (_, i) => ({ value: i, text: `${i} seconds`, rank: i === 13 ? -1 : 0 }));
    const ticks = placeTicks(values, (value) => 10 * value, [0, 290], roughWidth);
    const named = ticks.filter(({ text }) => text !== '');
    const half = (text: string) => roughWidth(text, 12.5) / 2;
    for (const { text, textAt } of named) {
      expect(textAt - half(text)).toBeGreaterThanOrEqual(0);
      expect(textAt + half(text)).toBeLessThanOrEqual(290);
    }
    for (const [i, { text, textAt }] of named.slice(1).entries())
      expect(textAt - named[i]!.textAt).toBeGreaterThan(half(text) + half(named[i]!.text));
    expect(named.map(({ text }) => text)).toContain('13 seconds');
    expect(ticks.map(({ at }) => at)).toEqual(values.map(({ value }) => 10 * value));
  });

  test('of a logarithmic axis are decades, with 2 and 5 between few of them', () => {
    const values = (domain: [number, number]) => logTicks(domain, String).map(({ value }) => value);
    expect(values([0.3, 40])).toEqual([0.5, 1, 2, 5, 10, 20]);
    expect(values([0.05, 2e6])).toEqual([0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6]);
    expect(values([1e-9, 1e12]).length).toBeLessThan(9);
  });

  test('of time are whole numbers of their unit', () => {
    const texts = (seconds: number) => timeTicks(seconds, 3, en).map(({ text }) => text.replace('\u202f', ' '));
    expect(texts(7200)).toEqual(['0 min', '50 min', '100 min']);
    expect(texts(0.0051)).toEqual(['0 ms', '2 ms', '4 ms']);
  });
});

test('a text that has no room is cut, and then left out', () => {
  expect(fittingText('a long name', 200, roughWidth, 10)).toBe('a long name');
  expect(fittingText('a long name', 40, roughWidth, 10)).toBe('a lon…');
  expect(fittingText('a long name', 5, roughWidth, 10)).toBe('');
});

test('names of dots lie on no dot but their own, and on no other name', () => {
  const dots = Array.from({ length: 60 }, (_, i) => ({
    x: (i * 137.5) % 600,
    y: (i * 71.3) % 300,
    radius: 3 + (i % 9),
    text: `kernel ${i}`,
  }));
  const labels = placeLabels(dots, { left: 0, right: 600, top: 0, bottom: 300 }, roughWidth);
  const boxes = labels.flatMap((label, i) =>
    label ? [{ i, box: labelBox(label, roughWidth(label.text, 12.5)) }] : [],
  );
  expect(boxes.length).toBeGreaterThan(10);
  for (const { i, box } of boxes) {
    expect(boxes.filter((other) => other.i !== i && overlaps(box, other.box))).toEqual([]);
    const others = dots.filter((dot, at) => {
      const around = {
        left: dot.x - dot.radius,
        right: dot.x + dot.radius,
        top: dot.y - dot.radius,
        bottom: dot.y + dot.radius,
      };
      return at !== i && overlaps(box, around);
    });
    expect(others).toEqual([]);
  }
});

describe.for(WIDTHS)('at %s pixels', (width) => {
  test('ratio dots are inside, fastest first, on the side of 1× that they belong to', () => {
    for (const input of [ratios, ...hard.ratios]) {
      const { rows, ownX } = layOutRatioDots({ ...input, width }, pen);
      const known = rows.filter(({ x }) => x !== null);
      expect(known.map(({ x }) => x)).toEqual(known.map(({ x }) => x).sort((a, b) => b! - a!));
      expect(rows.slice(known.length).every(({ row }) => row.ratio === null)).toBe(true);
      for (const { x, whisker, row } of known) {
        for (const at of [x!, ...(whisker ?? [])]) {
          expect(at).toBeGreaterThanOrEqual(RADIUS);
          expect(at).toBeLessThanOrEqual(width - RADIUS);
        }
        expect(Math.sign(Math.round(x! - ownX))).toBe(Math.sign(Math.round(1e6 * Math.log(row.ratio!))));
      }
    }
  });

  test('equal factors are equally far apart', () => {
    const rows = [1, 10, 100].map((ratio) => ({ ...ratios.rows[0]!, ratio, low: null, high: null }));
    const xs = layOutRatioDots({ rows, width }, pen).rows.map(({ x }) => x!);
    expect(xs[0]! - xs[1]!).toBeCloseTo(xs[1]! - xs[2]!, 9);
  });

  test('kernels are inside the roofline, and under the roof that they reach no more than', () => {
    for (const input of [roof, ...hard.roof]) {
      const layout = layOutRoofline({ ...input, width }, pen);
      if (!layout) continue;
      const { plot, dots, roofs } = layout;
      expect(roofs.filter(({ main }) => main)).toHaveLength(1);
      const main = roofs.find((each) => each.main)!;
      for (const { x, y, kernel } of dots) {
        expect(x).toBeGreaterThanOrEqual(plot.left);
        expect(x).toBeLessThanOrEqual(plot.right);
        expect(y).toBeGreaterThanOrEqual(plot.top);
        expect(y).toBeLessThanOrEqual(plot.bottom);
        if (kernel.ofRoof < 1) expect(y).toBeGreaterThan(heightAt(main.points, x));
      }
      const areas = dots.filter(({ radius }) => radius > 3).map(({ radius, kernel }) => radius ** 2 / kernel.share);
      for (const area of areas) expect(area).toBeCloseTo(areas[0]!, 6);
    }
  });

  test('spans are as long as they took, on one axis', () => {
    const { lanes, left } = layOutTimeline({ ...timeline, width }, pen)!;
    const perSecond = (width - left) / 120;
    for (const { spans } of lanes) {
      for (const { span, x, width: long } of spans) {
        expect(x).toBeCloseTo(left + span.fromSeconds * perSecond, 6);
        expect(long).toBeCloseTo((span.toSeconds - span.fromSeconds) * perSecond, 6);
      }
    }
  });

  test('ticks of steps are as high as the steps were long, and inside', () => {
    for (const input of [steps, ...hard.steps]) {
      const layout = layOutStepStrip({ ...input, width }, pen);
      if (!layout) continue;
      const whole = layout.steps.filter(({ cut }) => !cut);
      for (const { y, seconds } of whole)
        expect((layout.bottom - y) * whole[0]!.seconds).toBeCloseTo((layout.bottom - whole[0]!.y) * seconds, 6);
      for (const [i, { x, width: wide }] of layout.steps.entries()) {
        expect(x).toBeGreaterThanOrEqual(i === 0 ? layout.left : layout.steps[i - 1]!.x + layout.steps[i - 1]!.width);
        expect(x + wide).toBeLessThanOrEqual(width);
      }
    }
  });

  test('memory and its peak are inside, and the limit is where its bytes are', () => {
    for (const input of [memory, ...hard.memory]) {
      const layout = layOutMemory({ ...input, width }, pen);
      if (!layout) continue;
      for (const { x, y } of layout.points) {
        expect(x).toBeGreaterThanOrEqual(layout.left);
        expect(x).toBeLessThanOrEqual(width);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(layout.bottom);
      }
      expect(layout.peak.y).toBe(Math.min(...layout.points.map(({ y }) => y)));
      if (!layout.limit || layout.limit.y === null) continue;
      const perByte = (layout.bottom - layout.peak.y) / layout.peak.sample.bytes;
      expect(layout.bottom - layout.limit.y).toBeCloseTo(layout.limit.bytes * perByte, 6);
    }
  });

  test('samples are inside, on the side of the median that they belong to', () => {
    for (const input of [samples, ...hard.samples]) {
      const layout = layOutSampleDots({ ...input, width }, pen);
      for (const { x, y, deviation } of layout?.rows.flatMap(({ dots }) => dots) ?? []) {
        expect(x).toBeGreaterThanOrEqual(DOT);
        expect(x).toBeLessThanOrEqual(width - DOT);
        expect(y).toBeLessThanOrEqual(layout!.axisY - DOT);
        expect(Math.sign(Math.round(1e6 * (x - layout!.medianX)))).toBe(Math.sign(deviation));
      }
    }
  });
});

/** Between the corners of a roof, drawn straight. */
function heightAt(points: readonly (readonly [number, number])[], x: number): number {
  const next = points.findIndex(([at]) => at >= x);
  const [[x0, y0], [x1, y1]] = [points[Math.max(next - 1, 0)]!, points[Math.max(next, 0)]!];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

test('the ridge is where arithmetic and memory take equally long', () => {
  const { ridge, roofs } = layOutRoofline({ ...roof, width: 900 }, pen)!;
  const main = roofs.find((each) => each.main)!;
  expect(main.points[1]).toEqual([ridge.x, ridge.y]);
  expect(ridge.text).toBe('ridge: 50 FLOP/byte'); // 20 TFLOP/s over 400 GB/s
});

test('kernels are held against the f32 roof, or that of matrix units where they are used, and never against the f16 roof', () => {
  const mainOf = (matrixFlopsPerSecond: number | null, kernel: string) => {
    const kernels = [{ ...roof.kernels[0]!, kernel }];
    const roofs = { ...roof.roofs, f16FlopsPerSecond: 40e12, matrixFlopsPerSecond };
    return layOutRoofline({ ...roof, kernels, roofs, width: 900 }, pen)!.roofs.find((each) => each.main)!
      .flopsPerSecond;
  };
  expect(mainOf(null, 'attention')).toBe(20e12);
  expect(mainOf(80e12, 'attention')).toBe(20e12);
  expect(mainOf(80e12, 'attention_matrix')).toBe(80e12);
  expect(mainOf(null, 'attention_matrix')).toBe(20e12);
});

test('kernels without arithmetic have no dot and are not lost', () => {
  const { dots, left } = layOutRoofline({ ...roof, width: 900 }, pen)!;
  expect(left.map(({ kernel }) => kernel)).toEqual(['gather']);
  expect(dots).toHaveLength(roof.kernels.length - 1);
});

test('the colour of a kernel is that of its family', () => {
  expect(['matmul', 'matmul_f16', 'conv', 'attention_direct', 'rms_rope', 'conv_window'].map(kernelFamily)).toEqual([
    'linear',
    'linear',
    'linear',
    'attention',
    'other',
    'other',
  ]);
});

test('time in which nothing ran is what no span covers, however spans overlap', () => {
  expect(coveredSeconds([])).toBe(0);
  expect(coveredSeconds(timeline.spans.filter(({ lane }) => lane === 'fetch' || lane === 'upload'))).toBe(13 + 8);
  const { idleSeconds, seconds } = layOutTimeline({ ...timeline, width: 900 }, pen)!;
  expect(seconds).toBe(120);
  expect(idleSeconds).toBeCloseTo(120 - 13 - 7 - 10 * 7.6 - 0.4 - 13, 9);
});

test('a trend of more than a tenth has its line, one slow step has not', () => {
  const pathOf = (seconds: number[]) =>
    layOutStepStrip({ step: figure('measured', 2, seconds), width: 600 }, pen)!.trendPath;
  expect(pathOf([2, 2.1, 2.2, 2.3, 2.4])).not.toBeNull();
  expect(pathOf([2, 2, 2, 2, 4])).toBeNull();
});

test('warm-up that is far longer is cut, and says how long it was', () => {
  const layout = layOutStepStrip({ ...steps, width: 600 }, pen)!;
  expect(layout.steps.map(({ warmUp, cut }) => warmUp && cut)).toEqual([true, ...Array(12).fill(false)]);
  expect(layout.warmUpLabel!.cutText).toBe('9.50\u202fs');
});

test('samples that would cover one another move apart while there is room', () => {
  const row = { id: 'a', label: 'a', figure: figure('measured', 1, [1, 1, 1, 2]) };
  const dots = layOutSampleDots({ rows: [row], width: 600 }, pen)!.rows[0]!.dots;
  for (const [i, a] of dots.entries())
    for (const b of dots.slice(i + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(2 * DOT);
});
