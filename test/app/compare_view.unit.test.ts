// @vitest-environment happy-dom
/**
 * The trap of Compare: a run of 121 frames beside published ones of 161. Wherever
 * in the view a figure of it stands, scaled or not, it has to say of what it is.
 */
import { render } from 'lit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cards } from '../../src/app/state/cards';
import { metric, prices, steps } from '../../src/app/state/compared';
import { contentWidth } from '../../src/app/state/layout';
import { keptRuns } from '../../src/app/state/own_runs';
import { references } from '../../src/app/state/references';
import { reportIsOpen } from '../../src/app/state/report';
import { serverRuns, wanted } from '../../src/app/state/results';
import { type Language, setLanguage } from '../../src/app/state/settings';
import { compareView } from '../../src/app/views/compare';
import { placeRun } from '../../src/compare/place_run';
import { runOfResult } from '../../src/compare/run_of';
import { en } from '../../src/words/en';
import { comparableDuration, duration } from '../../src/words/format';
import { zh } from '../../src/words/zh';
import { exampleResult, figure } from '../compare/example_result';
import { referenceCards, referenceRun } from '../compare/reference_runs';

const WORDS = { en, zh } as const;
const STEPS = 10;
/** Two that can be compared, one run of them hidden behind another, and three of which not enough is stated. */
const PUBLISHED = ['l40s-02', 'l40s-03', 'blackwell-03', 'published-17', 'published-23', 'published-28'].map(
  referenceRun,
);

/** It ran 121 frames, and foretells no others. Its seconds are no others' in the view. */
const example = exampleResult();
const key = { ...example.key, preset: 'x', width: 1280, height: 704, frames: 121, tokens: 27280, steps: STEPS };
const stages = {
  init: figure('measured', 3.21),
  encode: figure('measured', 57.3),
  step: figure('measured', 777),
  decode: figure('measured', 431),
  total: figure('measured', 57.3 + STEPS * 777 + 431),
};
const own = exampleResult({ id: 'own', key, stages, projection: { key, stages } });
const ran = runOfResult(own);
const scaled = placeRun(ran, { ...referenceRun('l40s-03'), projection: null }, STEPS);

function view(language: Language): HTMLElement {
  setLanguage(language);
  const place = document.createElement('div');
  document.body.replaceChildren(place);
  render(compareView(), place);
  return place;
}

const plain = (text: string) => text.replace(/[\u202f\u00a0\s]+/g, ' ').trim();
const has = (text: string, figure: string) =>
  new RegExp(`(?<![\\d.,])${figure.replace(/[.]/g, '\\$&')}(?![\\d.])`).test(text);

/** In every way that the view writes seconds. */
function written(seconds: readonly number[], language: Language): string[] {
  const words = WORDS[language];
  return seconds.flatMap((each) => [plain(duration(each, words)), plain(comparableDuration(each, words))]);
}

/** What is read as one: a row of a table or of a chart, a mark, a sentence. */
const ROWS = 'tbody tr, li, p, figcaption, .bar, .mark';

function rowsWith(place: Element, figures: readonly string[]): string[] {
  const all = [...place.querySelectorAll(ROWS)].map((row) => ({
    row,
    text: plain(`${row.getAttribute('aria-label') ?? ''} ${row.textContent}`),
  }));
  const found = all.filter(({ text }) => figures.some((figure) => has(text, figure)));
  // A mark of a bar stands within it, and the bar says it for all of them where eyes read; aloud a mark has its own name.
  return found
    .filter(({ row }) => !row.matches('.bar .mark') || !row.hasAttribute('aria-label'))
    .map(({ text }) => text);
}

beforeAll(() => {
  keptRuns.value = [{ run: own, madeHere: true, stored: true }];
  references.value = PUBLISHED;
  cards.value = referenceCards;
  contentWidth.value = 640;
  steps.value = STEPS;
});
afterAll(() => {
  // Other files' tests share these.
  keptRuns.value = [];
  references.value = 'loading';
  cards.value = [];
  contentWidth.value = 0;
  prices.value = new Map();
  reportIsOpen.value = false;
  setLanguage('en');
});

describe.for(['en', 'zh'] as const)('in %s, a run of 121 frames beside 161', (language) => {
  test.for(['step', 'clip', 'second', 'cost'] as const)('by %s: each figure says its frames', (chosen) => {
    metric.value = chosen;
    reportIsOpen.value = true;
    prices.value = new Map([
      ['Example GPU', 3],
      ['L40S', 2],
    ]);
    const place = view(language);
    const { encode, step, decode, total } = stages;
    const asRan = written(
      [step, decode, total].map(({ seconds }) => seconds),
      language,
    );
    const moved = written(
      [scaled.stages.step!, scaled.stages.decode!, scaled.stages.total!].map(({ seconds }) => seconds),
      language,
    );
    expect(scaled.stages.encode!.seconds).toBe(encode.seconds); // text is no longer for a longer video
    const rows = rowsWith(place, moved);
    expect(rows.length).toBeGreaterThan(3); // bars, their table, the table of all rows, stage by stage
    expect(rows.filter((text) => !(has(text, '121') && has(text, '161')))).toEqual([]);
    const unscaled = rowsWith(place, asRan);
    expect(unscaled.length).toBeGreaterThan(2); // in the report: its sentences, its steps, its stages
    expect(unscaled.filter((text) => !has(text, '121'))).toEqual([]);
  });

  test('each ratio says that it is scaled, by how much and from what', () => {
    metric.value = 'clip';
    reportIsOpen.value = false;
    const place = view(language);
    const basis =
      language === 'en'
        ? /scaled by 1\.5\d from 121 to 161 frames/
        : /由 121换到 161 帧|由 121 ?换到 161 帧，按 1\.5\d 换算/;
    const marks = [...place.querySelectorAll('.ratios .mark')].map((mark) => mark.getAttribute('aria-label')!);
    expect(marks.length).toBe(2); // the L40S and the Blackwell; of no other card the work is stated
    for (const mark of marks) expect(mark).toMatch(basis);
    for (const text of ['.ratios figcaption', '.stage-times figcaption', '.headline + .note', '.all-rows > .note'])
      expect(plain(place.querySelector(text)!.textContent!), text).toMatch(basis);
    const ratios = [...place.querySelectorAll('.all-rows > table .ratio')];
    expect(ratios.length).toBe(2);
    for (const ratio of ratios) expect(plain(ratio.parentElement!.textContent!)).toMatch(basis);
  });

  test('what nobody published is said to be so, and never zero', () => {
    metric.value = 'clip';
    const place = view(language);
    const absent = place.querySelectorAll('.all-rows .absent');
    expect(absent.length).toBeGreaterThan(5);
    expect(plain(absent[0]!.textContent!)).toMatch(language === 'en' ? /not published|not told/ : /未公开|未注明/);
    expect(place.innerHTML).not.toMatch(/NaN|Infinity|undefined/);
  });
});

test.for(['en', 'zh'] as const)(
  'in %s, stage by stage, the published run that is pinned is not this GPU',
  (language) => {
    const l40s = referenceRun('l40s-03');
    reportIsOpen.value = false;
    serverRuns.value = [{ ...l40s, id: 'pinned', key: { ...l40s.key, frames: 121, tokens: 27280, steps: 7 } }];
    keptRuns.value = [];
    wanted.value = 'pinned';
    try {
      const pair = view(language).querySelector('.pair')!;
      expect(plain(pair.querySelectorAll('thead th')[1]!.textContent!)).toBe('L40S');
      const text = plain(pair.textContent!);
      expect(text).toMatch(language === 'en' ? /figures of this run are scaled/ : /这次运行的数字按 FLOPs 换算/);
      expect(text).toMatch(
        language === 'en' ? /steps: this run 7, .*totals are taken at 10 steps/ : /合计按 10 步计算/,
      );
      expect(text).not.toMatch(/this GPU|This GPU|本机|of the published run|buffers|缓冲区/);
    } finally {
      serverRuns.value = [];
      keptRuns.value = [{ run: own, madeHere: true, stored: true }];
      wanted.value = null;
    }
  },
);

test('in a view of the other work alone nothing is scaled', () => {
  reportIsOpen.value = false;
  references.value = [{ ...ran, id: 'same', origin: 'published', device: { ...ran.device, name: 'Other' } }];
  metric.value = 'clip';
  const place = view('en');
  expect(plain(place.textContent!)).not.toMatch(/scaled by \d/);
  expect(plain(place.querySelector('.headline')!.textContent!)).toContain('the Other is about as fast as this GPU');
});

test('the rows are sorted by the keyboard, unknown ones last, the pinned one first', () => {
  references.value = PUBLISHED;
  metric.value = 'clip';
  const press = (name: string) => {
    const place = view('en');
    const head = [...place.querySelectorAll<HTMLButtonElement>('.all-rows > table .sort')].find((each) =>
      plain(each.textContent!).startsWith(name),
    )!;
    head.click();
    const sorted = view('en');
    return {
      names: [...sorted.querySelectorAll('.all-rows > table tbody th')].map((each) =>
        plain(each.firstChild!.parentElement!.textContent!),
      ),
      order: sorted.querySelector('.all-rows > table [aria-sort]')!.getAttribute('aria-sort'),
    };
  };
  const up = press('A step');
  expect(up.order).toBe('ascending');
  expect(up.names[0]).toMatch(/^This GPU/);
  expect(up.names[1]).toMatch(/^H100/);
  const down = press('A step');
  expect(down.order).toBe('descending');
  expect(down.names[0]).toMatch(/^This GPU/);
  expect(down.names[1]).toMatch(/^L40S/);
  expect(down.names.at(-1)).not.toMatch(/^(L40S|RTX PRO|H200|H100)/);
});
