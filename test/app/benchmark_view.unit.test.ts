// @vitest-environment happy-dom
import { render, type TemplateResult } from 'lit';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { modeChoice } from '../../src/app/parts/mode_choice';
import { modeOptions } from '../../src/app/parts/mode_options';
import { projectionCheck } from '../../src/app/parts/projection_check';
import { resultPanel } from '../../src/app/parts/result_panel';
import { contentWidth } from '../../src/app/state/layout';
import { machineState } from '../../src/app/state/machine';
import { choice, chooseMode } from '../../src/app/state/run';
import { setLanguage, words } from '../../src/app/state/settings';
import { secondText, videoSecond } from '../../src/app/video_second';
import { runOfResult } from '../../src/compare/run_of';
import type { ModePlan, PresetEstimate } from '../../src/core/run_plan';
import { exampleResult, figure } from '../compare/example_result';
import { richResult } from './rich_result';

const text = (element: Element | null) => element!.textContent!.replace(/\s+/g, ' ').trim();

function drawn(template: TemplateResult): HTMLElement {
  const place = document.createElement('div');
  document.body.append(place);
  render(template, place);
  return place;
}

afterEach(() => {
  document.body.replaceChildren();
  machineState.value = { name: 'checking' };
  contentWidth.value = 0;
  setLanguage('en');
  chooseMode('quick');
});

const GIB = 2 ** 30;
const row = (id: string, stepSeconds: number, largestBytes: number): PresetEstimate => ({
  ...{ id, width: 256, height: 256, frames: 5, tokens: 128, encodeSeconds: 1, stepSeconds, decodeSeconds: 1 },
  largestBytes,
  memory: {
    ...{ encode: null, image: null, decode: null },
    denoise: { weights: 2 * GIB, slots: 0, activations: GIB },
  },
});
const mode = (presets: readonly PresetEstimate[], changes: Partial<ModePlan> = {}): ModePlan => ({
  ...{
    presets,
    tuningSeconds: 0,
    sampleSeconds: 10,
    sampleBytes: GIB,
    clipSeconds: 18,
    steps: 5,
    warmUpSteps: 1,
    samplesAlone: true,
  },
  ...{ weightBytes: 0, bindingBytes: GIB, downloadBytes: 0, ratesAssumed: false, ...changes },
});

function ready(full: readonly PresetEstimate[]): void {
  const plan = {
    quick: mode([row('small', 1, 1)]),
    standard: mode([row('small', 1, 1)]),
    full: mode(full, { samplesAlone: false, steps: 50, warmUpSteps: 0, weightBytes: 2 * GIB }),
  };
  machineState.value = { name: 'ready', machine: exampleResult().machine, plan };
}

describe('the choice of a mode', () => {
  test('tells of each the time, the memory, that nothing is downloaded, and the clip', () => {
    ready([row('small', 10, 1)]);
    const place = drawn(modeChoice());
    const cards = [...place.querySelectorAll('.mode-card')].map(text);
    expect(cards[0]).toMatch(/^Quick about 15–25 s 3 GiB of GPU memory 0 B to download .*256×256, 5 frames, 6 steps/);
    expect(cards[2]).toMatch(/^Full about 7 min 30 s – 10 min .*50 steps/);
    expect(place.querySelectorAll('input[type=radio]:disabled')).toHaveLength(0);
  });

  test('says of a GPU that was not measured that it guesses, and of a clip all the same', () => {
    const quick = mode([row('small', 30, 1)], { ratesAssumed: true });
    machineState.value = {
      ...{ name: 'ready', machine: exampleResult().machine },
      plan: { quick, standard: quick, full: quick },
    };
    const cards = [...drawn(modeChoice()).querySelectorAll('.mode-card')].map(text);
    expect(cards[0]).toMatch(/about 25–35 s .*256×256, 5 frames, 6 steps\. A guess: this GPU is only measured/);
    expect(cards[1]).not.toContain('A guess');
  });

  test('says how much of it is tuning, where this GPU is not tuned yet', () => {
    const quick = mode([row('small', 1, 1)], { tuningSeconds: 20 });
    machineState.value = {
      ...{ name: 'ready', machine: exampleResult().machine },
      plan: { quick, standard: quick, full: quick },
    };
    const cards = [...drawn(modeChoice()).querySelectorAll('.mode-card')].map(text);
    expect(cards[0]!.replace(/[\u202f\u00a0]/g, ' ')).toMatch(
      /about 30–45 s .*Up to 20 s of that goes to tuning the kernels/,
    );
    expect(cards[1]).not.toContain('goes to tuning');
  });

  test('shows what cannot be run, disabled, with both numbers', () => {
    ready([row('small', 10, 2 * GIB)]);
    const full = drawn(modeChoice()).querySelectorAll('.mode-card')[2]!;
    expect(full.querySelector('input')!.disabled).toBe(true);
    expect(text(full)).toContain('it needs 2 GiB in one buffer, and this GPU binds at most 1 GiB');
  });

  test('takes twice the memory for weights that are twice as large', () => {
    ready([row('small', 10, 1)]);
    chooseMode('full');
    choice.value = { ...choice.value, weights: 'f32' };
    expect(text(drawn(modeChoice()).querySelectorAll('.mode-card')[2]!)).toContain('5 GiB of GPU memory');
    const parts = 'Denoise: 5 GiB (4 GiB weights, 1 GiB activations)';
    expect(text(drawn(modeChoice()).querySelectorAll('.mode-card')[2]!).replace(/[\u202f\u00a0]/g, ' ')).toContain(
      parts,
    );
    choice.value = { ...choice.value, memoryGib: 4 };
    expect(text(drawn(modeChoice()).querySelectorAll('.mode-card')[2]!)).toContain('4 GiB of GPU memory');
    choice.value = { ...choice.value, weights: 'bf16', memoryGib: null };
  });

  test('offers less memory than passes through only to say that it is too little', () => {
    ready([row('small', 10, 1)]);
    chooseMode('full');
    const options = [...drawn(modeOptions()).querySelectorAll<HTMLOptionElement>('select[name=memory] option')];
    expect(options.filter(({ disabled }) => disabled).map(text)).toEqual([
      'at most 1 GiB · needs 3 GiB at least',
      'at most 2 GiB · needs 3 GiB at least',
    ]);
  });
});

describe('the headline', () => {
  const second = (result = richResult()) => videoSecond(runOfResult(result))!;

  const spoken = (result = richResult()) => secondText(second(result), words.value).replace(/[\u202f\u00a0]/g, ' ');
  const { projection, checks } = richResult();
  const [check] = checks;
  const stepAt = (key = check!.key, stage: 'step' | 'block' = 'step') => ({
    ...{ key, stage, measuredSeconds: 10, projectedSeconds: 8 },
  });

  test('is the seconds of one second of the published clip, with how far its steps stray', () => {
    const { total, step } = projection.stages;
    const seconds = (24 / 161) * total.seconds;
    expect(second().seconds).toBeCloseTo(seconds, 6);
    const none = second(richResult({ checks: [] }));
    expect(none.stray).toBeCloseTo(((24 / 161) * 50 * (1281 - step.seconds)) / seconds, 6);
    expect(spoken(richResult({ checks: [] }))).toBe('One second of 720p video would take **2 h 38 min** ±1.3 % here.');
  });

  test('strays as far as a step did that was foretold and ran, unless blocks of the published clip ran', () => {
    const { total, step } = projection.stages;
    const quarterMore = (0.25 * 50 * step.seconds) / total.seconds; // of the steps
    expect(second(richResult({ checks: [stepAt()] })).stray).toBeCloseTo(quarterMore, 6);
    expect(
      second(
        richResult({
          checks: [
            { ...stepAt(), measuredSeconds: 0 },
            { ...stepAt(), projectedSeconds: 0 },
          ],
        }),
      ).stray,
    ).toBeLessThan(0.02);
    const elsewhere = { ...stepAt(), stage: 'decode' as const };
    expect(second(richResult({ checks: [elsewhere] })).stray).toBeLessThan(0.02);
    const ofClip = stepAt(projection.key, 'block');
    expect(second(richResult({ checks: [stepAt(), ofClip] })).stray).toBeLessThan(0.02);
    const ofAnother = stepAt(check!.key, 'block');
    expect(second(richResult({ checks: [ofAnother] })).stray).toBeCloseTo(quarterMore, 6);
  });

  test('has no spread where there was one sample and nothing to check, and says "takes" only of what ran', () => {
    const once = { ...projection.stages, step: figure('sampled', 1264, [1264]) };
    const alone = { projection: { ...projection, stages: once } };
    expect(spoken(richResult({ ...alone, checks: [] }))).not.toContain('±');
    expect(spoken(richResult({ ...alone, checks: [stepAt()] }))).toContain('±25 %');
    const total = figure('measured', 63430);
    const measured = { ...projection.stages, step: figure('measured', 1264, [1260, 1264]), total };
    const ran = richResult({ key: projection.key, stages: measured, checks: [stepAt(projection.key)] });
    expect(spoken(ran)).toMatch(/^One second of 720p video takes .* ±0\.3\d? % here/);
  });
});

describe('the projection', () => {
  const finding = (checks: Parameters<typeof projectionCheck>[0]) =>
    text(drawn(projectionCheck(checks)).querySelector('.finding'));
  const { checks } = richResult();

  test('is said to be off by the most that any check was', () => {
    expect(finding(checks)).toContain('3 times, they differ by 4 % at most');
    expect(finding([{ ...checks[0]!, measuredSeconds: 2, projectedSeconds: 1 }])).toContain('they differ by 50 %');
  });

  test('of a run that only sampled is not said to be right', () => {
    expect(finding([])).toContain('how far its projection is off is not known');
  });
});

describe('a result', () => {
  const ORDER = [
    'What ran here',
    'Why',
    'What happened when',
    'Is it steady, and repeatable?',
    'GPU memory over time',
    'How far to trust the projection',
    'Cases',
    'Kernels',
    'How measured',
  ];

  test('answers its reader’s questions in order, and has a name', async () => {
    contentWidth.value = 1000;
    const place = drawn(resultPanel(richResult({ name: 'mine' }), null));
    expect(text(place.querySelector('.headline'))).toMatch(/^One second of 720p video would take/);
    await vi.waitFor(() => expect(place.textContent).toContain('How measured'), 10_000);
    const headings = [...place.querySelectorAll('h3')].map(text);
    expect(headings.filter((heading) => ORDER.includes(heading))).toEqual(ORDER);
    expect(place.querySelectorAll('.folding .chart > svg')).toHaveLength(6);
    expect(place.querySelector<HTMLInputElement>('.take-away input')!.value).toBe('mine');
  });

  test('that kept no timeline, memory or cases has no place for them', async () => {
    const place = drawn(resultPanel(exampleResult(), null));
    await vi.waitFor(() => expect(place.textContent).toContain('How measured'), 10_000);
    for (const heading of ['What happened when', 'GPU memory over time', 'Cases'])
      expect([...place.querySelectorAll('h3')].map(text)).not.toContain(heading);
  });
});
