// @vitest-environment happy-dom
/** "This GPU", "here" and "mine" are said of nothing that another GPU, or another's, did. */
import { render, type TemplateResult } from 'lit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { contentWidth } from '../../src/app/state/layout';
import { machineState } from '../../src/app/state/machine';
import { keptRuns } from '../../src/app/state/own_runs';
import { references } from '../../src/app/state/references';
import { serverRuns, wanted } from '../../src/app/state/results';
import { setLanguage } from '../../src/app/state/settings';
import { benchmarkView } from '../../src/app/views/benchmark';
import { compareView } from '../../src/app/views/compare';
import { runOfResult } from '../../src/compare/run_of';
import { exampleResult } from '../compare/example_result';
import { referenceRuns } from '../compare/reference_runs';

const { machine } = exampleResult();
const of = (adapter: string, changes: Parameters<typeof exampleResult>[0] = {}) =>
  exampleResult({ id: adapter, machine: { ...machine, adapter }, ...changes });
const OURS = /this (GPU|machine|run of)|\b(my|mine)\b|measured here|本机|我的/i;

beforeEach(() => {
  contentWidth.value = 640;
  references.value = referenceRuns;
});
afterEach(() => {
  document.body.replaceChildren();
  contentWidth.value = 0;
  references.value = 'loading';
  keptRuns.value = [];
  serverRuns.value = [];
  wanted.value = null;
  machineState.value = { name: 'checking' };
  setLanguage('en');
});

function drawn(template: TemplateResult): HTMLElement {
  const place = document.createElement('div');
  document.body.replaceChildren(place);
  render(template, place);
  return place;
}

/** All of Compare but the parts that are about this browser: what it keeps, and its videos on servers. */
function compared(): string {
  const place = drawn(compareView());
  for (const own of place.querySelectorAll('.own-runs, .live, .add-runs')) own.remove();
  const titles = [...place.querySelectorAll('[title], [aria-label]')].map(
    (each) => `${each.getAttribute('title')} ${each.getAttribute('aria-label')}`,
  );
  return [place.textContent, ...titles].join(' ').replace(/\s+/g, ' ');
}

describe.for(['en', 'zh'] as const)('in %s', (language) => {
  beforeEach(() => setLanguage(language));

  test('a kept run of another’s is nobody’s here', () => {
    keptRuns.value = ['Theirs', 'Theirs too'].map((adapter) => ({ run: of(adapter), madeHere: false, stored: true }));
    const text = compared();
    expect(text).toMatch(language === 'en' ? /not made in this browser/ : /不是本浏览器测得/);
    expect(text.match(OURS)?.[0]).toBeUndefined();
  });

  test('a run on a server of this session is no sender’s', () => {
    serverRuns.value = [{ ...runOfResult(of('Server')), id: 'server', origin: 'server' }];
    wanted.value = 'server';
    expect(compared()).not.toMatch(/sender’s|发送者为准/);
  });

  test('a run of this browser on another GPU goes by that one’s name', () => {
    keptRuns.value = [{ run: of('Integrated'), madeHere: true, stored: true }];
    machineState.value = { name: 'ready', machine: { ...machine, adapter: 'Discrete' }, plan: null };
    const text = compared();
    expect(text.match(OURS)?.[0]).toBeUndefined();
    expect(text).toContain('Integrated');
    machineState.value = { name: 'ready', machine: { ...machine, adapter: 'Integrated' }, plan: null };
    expect(compared()).toMatch(OURS);
  });

  test('under the machine line stands the last result of the GPU that it names', () => {
    keptRuns.value = ['Integrated', 'Discrete'].map((adapter) => ({ run: of(adapter), madeHere: true, stored: true }));
    const shown = () => drawn(benchmarkView()).querySelector('.result .eyebrow')?.textContent;
    expect(shown()).toContain('Integrated'); // which one this is, nobody has asked yet
    machineState.value = { name: 'ready', machine: { ...machine, adapter: 'Discrete' }, plan: null };
    expect(shown()).toContain('Discrete');
    machineState.value = { name: 'ready', machine: { ...machine, adapter: 'A third' }, plan: null };
    expect(shown()).toBeUndefined();
  });
});
