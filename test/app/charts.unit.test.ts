// @vitest-environment happy-dom
import { html, render, type TemplateResult } from 'lit';
import { afterEach, describe, expect, test } from 'vitest';
import { memoryOverTime } from '../../src/app/charts/memory_over_time';
import { ratioDots } from '../../src/app/charts/ratio_dots';
import { roofline } from '../../src/app/charts/roofline';
import { runTimeline } from '../../src/app/charts/run_timeline';
import { sampleDots } from '../../src/app/charts/sample_dots';
import { stageBars } from '../../src/app/charts/stage_bars';
import type { BarRow } from '../../src/app/charts/stage_bars_layout';
import { stepStrip } from '../../src/app/charts/step_strip';
import { type Language, setLanguage } from '../../src/app/state/settings';
import { overlappingTexts, rounded, textsOutside } from '../support/drawing';
import { bars, hard, memory, ratios, roof, samples, steps, timeline } from './chart_examples';

const LANGUAGES = ['en', 'zh'] as const;
/** English is the longer one. */
const WIDTHS = { en: [320, 1100], zh: [320] } as const;

const stages = (rows: readonly BarRow[], width: number, scale: 'seconds' | 'percent' = 'seconds') =>
  stageBars({ rows, width, scale, caption: html`<strong>Finding</strong>`, name: 'Finding' });

/** Each chart at a width: of the example, then of what is hard. */
const CHARTS: Record<string, readonly ((width: number) => TemplateResult)[]> = {
  'stage bars': [bars, ...hard.bars].flatMap((rows) => [
    (width) => stages(rows, width),
    (width) => stages(rows, width, 'percent'),
  ]),
  'ratio dots': [ratios, ...hard.ratios].map((input) => (width) => ratioDots({ ...input, width })),
  roofline: [roof, ...hard.roof].map((input) => (width) => roofline({ ...input, width })),
  'run timeline': [timeline, ...hard.timeline].map((input) => (width) => runTimeline({ ...input, width })),
  'step strip': [steps, ...hard.steps].map((input) => (width) => stepStrip({ ...input, width })),
  'memory over time': [memory, ...hard.memory].map((input) => (width) => memoryOverTime({ ...input, width })),
  'sample dots': [samples, ...hard.samples].map((input) => (width) => sampleDots({ ...input, width })),
};

function drawn(chart: TemplateResult): HTMLElement {
  const place = document.createElement('div');
  document.body.append(place);
  render(chart, place);
  return place;
}

afterEach(() => {
  document.body.replaceChildren();
  setLanguage('en');
});

describe.for(LANGUAGES)('in %s', (language: Language) => {
  test.for(Object.entries(CHARTS))('the %s of the example look like this', ([name, [chart]]) => {
    setLanguage(language);
    const place = drawn(chart!(420));
    place.querySelector('details')!.remove(); // the table has words and numbers that stand in the drawing
    expect(rounded(place.innerHTML)).toMatchSnapshot(name);
  });

  test.for(Object.entries(CHARTS))(
    'the %s keep their texts apart and inside, whatever they are given',
    ([, charts]) => {
      setLanguage(language);
      for (const [index, chart] of charts.entries()) {
        for (const width of WIDTHS[language]) {
          const place = drawn(chart(width));
          const svg = place.querySelector('.chart > svg');
          const which = `drawing ${index} at ${width} pixels`;
          expect(place.innerHTML, which).not.toMatch(/NaN|Infinity|undefined|null/);
          expect(place.querySelector('figcaption')!.textContent!.trim(), which).not.toBe('');
          expect(svg ? overlappingTexts(svg) : [], which).toEqual([]);
          expect(svg ? textsOutside(svg) : [], which).toEqual([]);
          place.remove();
        }
      }
    },
  );
});

describe.for(Object.entries(CHARTS))('the %s', ([, [chart]]) => {
  test('are one tab stop; arrow keys go through all marks and around, Home and End to the ends', () => {
    const place = drawn(chart!(600));
    const marks = [...place.querySelectorAll<SVGElement>('.mark')];
    expect(marks.length).toBeGreaterThan(2);
    expect(place.querySelectorAll('[tabindex="0"]')).toHaveLength(1);
    expect(marks[0]!.getAttribute('tabindex')).toBe('0');
    for (const mark of marks) expect(mark.getAttribute('aria-label')!.length).toBeGreaterThan(5);
    marks[0]!.focus();
    const after = (key: string) => {
      document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      return marks.indexOf(document.activeElement as SVGElement);
    };
    expect(['ArrowRight', 'ArrowDown', 'ArrowLeft', 'End', 'ArrowRight', 'ArrowLeft', 'Home', 'x'].map(after)).toEqual(
      [1, 2, 1, -1, 0, -1, 0, 0].map((at) => (at + marks.length) % marks.length),
    );
  });

  test('have their numbers as a table, a row a mark at least', () => {
    const place = drawn(chart!(600));
    const marks = place.querySelectorAll('.mark');
    expect(place.querySelectorAll('details tbody tr').length).toBeGreaterThanOrEqual(marks.length);
  });

  test('draw nothing on a page that has no width yet', () => {
    expect(drawn(chart!(0)).querySelector('.chart > svg')).toBeNull();
  });
});

describe('the finding', () => {
  const finding = (chart: TemplateResult) =>
    drawn(chart)
      .querySelector('figcaption')!
      .textContent!.replace(/[\u202f\u00a0]/g, ' ');
  const step = (seconds: readonly number[]) =>
    finding(stepStrip({ step: { kind: 'measured', seconds: 2, samples: seconds }, width: 600 }));

  test('of steps tells a trend from an outlier, and both from steady ones', () => {
    expect(step([2, 2.1, 2.2, 2.3, 2.4])).toContain('the last takes 20 % longer than the first');
    expect(step([2.4, 2.3, 2.2, 2.1, 2])).toContain('They speed up');
    expect(step([2, 2, 6, 2, 2, 2])).toContain('no trend, but the longest takes 3.0× the time of the shortest');
    expect(step([2, 2.01, 2, 1.99, 2])).toContain('They are steady.');
    expect(step([2, 2])).toContain('Too few');
  });

  test('of ratios is said the human way round', () => {
    expect(finding(ratioDots({ ...ratios, rows: ratios.rows.slice(2, 3), width: 600 }))).toContain(
      'this GPU 3.2× faster',
    );
    expect(finding(ratioDots({ rows: ratios.rows.slice(-1), width: 600 }))).toContain('None of these runs');
  });

  test('of a timeline adds the idle time up', () => {
    expect(finding(runTimeline({ ...timeline, width: 600 }))).toContain('Nothing ran for 10.6 s (9 %).');
  });

  test('of a span is in the reader’s language', () => {
    setLanguage('zh');
    const labels = ['step 3', 'block', 'text_encoder'].map((label, i) => ({
      lane: 'denoise' as const,
      fromSeconds: i,
      toSeconds: i + 1,
      label,
    }));
    const marks = drawn(runTimeline({ spans: labels, seconds: null, width: 600 })).querySelectorAll('.mark');
    expect([...marks].map((mark) => mark.getAttribute('aria-label')!.split('，')[1])).toEqual([
      '第 3 步',
      '一个块',
      'text_encoder',
    ]);
  });

  test('of memory names the limit, and that it was broken', () => {
    expect(finding(memoryOverTime({ ...memory, width: 600 }))).toContain('78 % of the 8 GiB allowed');
    expect(finding(memoryOverTime({ ...memory, limitBytes: 3 * 2 ** 30, width: 600 }))).toContain(
      'more than it should',
    );
  });
});
