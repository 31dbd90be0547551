import { describe, expect, test } from 'vitest';
import { checkClaims } from '../../src/compare/claims';
import { importRuns } from '../../src/compare/import_runs';
import { nameText } from '../../src/compare/inline_text';
import { MOST_REPORTED, type Report, reportOf } from '../../src/compare/report';
import { reportCsv } from '../../src/compare/report_csv';
import { reportHtml } from '../../src/compare/report_html';
import { reportJson } from '../../src/compare/report_json';
import { reportMarkdown } from '../../src/compare/report_markdown';
import type { Run } from '../../src/core/run';
import { figure } from './example_result';
import { cards, ownRun, ownRunOf121, published, sourceRuns } from './report_runs';

type Language = Report['language'];

const report = (runs: readonly Run[], language: Language = 'en') =>
  reportOf(runs, { language, cards, claims: checkClaims(runs, cards) });
const markdown = (runs: readonly Run[], language?: Language) => reportMarkdown(report(runs, language));

describe('the report on the runs of the source report', () => {
  test.for<Language>(['en', 'zh'])('reads, in %s, as it was read and approved', async (language) => {
    await expect(markdown(sourceRuns, language)).toMatchFileSnapshot(`snapshots/source_report.${language}.md`);
  });

  test('reproduces its tables', () => {
    const lines = markdown(sourceRuns).split('\n');
    const row = (...starts: string[]) => {
      const found = lines.find((line) => line.startsWith(`| ${starts.join(' | ')} |`));
      return found?.slice(2, -2).split(' | ').slice(starts.length);
    };
    const [l40s, blackwell] = ['L40S', 'RTX PRO 6000 Blackwell'];
    expect(row(l40s, 'One guided step')?.slice(1, 4)).toEqual(['12.6 s', '12.6 s', '12.4–12.7 s']);
    expect(row(blackwell, 'One guided step')?.slice(1, 4)).toEqual(['6.85 s', '6.86 s', '6.83–6.98 s']);
    expect(lines.join()).toContain('is **1.84×** as fast (1.83–1.85× over the pairs of runs)');
    expect(row('Loading the model', '5')).toEqual([`${l40s} 86.6 s`, `${blackwell} 42.3 s`, '**2.0×**']);
    expect(row('Text encoding', '5')).toEqual([`${l40s} 46.3 s`, `${blackwell} 12.1 s`, '**3.8×**']);
    expect(row('Decoding the video', '5')).toEqual([`${l40s} 45.7 s`, `${blackwell} 23.8 s`, '**1.92×**']);
    expect(row(l40s, 'between stages')?.[0]).toBe('31.3 GiB');
    expect(row(blackwell, 'none, all resident')?.[0]).toBe('42.2 GiB');
  });

  test('says what the source report does not: what no offload saves, and that bf16 would fit', () => {
    const text = markdown(sourceRuns);
    expect(text).toContain('13.4 s lie between the stages');
    expect(text).toContain('from 42.2 GiB (measured on RTX PRO 6000 Blackwell) to **32.9 GiB** of 44.5 GiB');
    expect(text).toContain('reach about **35–46 %** of the bf16 peaks');
  });
});

describe('a ratio between different work', () => {
  test('names what was foretold or scaled, and from how many frames', () => {
    expect(markdown([ownRun, ...sourceRuns])).toContain(
      'Projected: Example GPU ran 640×352, 17 frames; its seconds are what that run foretells of 1280×704, 161 frames.',
    );
    expect(markdown([ownRunOf121, ...sourceRuns])).toContain(
      'Scaled: the seconds of Example GPU are of 1280×704, 121 frames, the other’s of 1280×704, 161 frames; the former were multiplied by 1.55, the ratio of FLOPs. Derived, not measured.',
    );
  });

  test('is never there without a footing: every sentence with a stage ratio of unlike runs has one', () => {
    for (const language of ['en', 'zh'] as const) {
      const { analysis, sections } = report([ownRunOf121, ...published], language);
      const ratios = Object.values(analysis.findings)
        .flat()
        .filter(({ code }) => code === 'stage-ratio' || code === 'host-ratio');
      const unlike = ratios.filter(({ values }) => 'basis' in values && values.basis !== 'run');
      const told = JSON.stringify(sections).match(/Scaled: |Projected: |已折算：|为预测：/g) ?? [];
      expect(unlike.length).toBeGreaterThan(0);
      expect(told).toHaveLength(unlike.length);
    }
  });

  test('is not there where the work is not known', () => {
    const unknown = { ...sourceRuns[3]!, key: { ...sourceRuns[3]!.key, frames: null, tokens: null } };
    const { findings } = report([sourceRuns[0]!, unknown]).analysis;
    expect(findings.summary.filter(({ code }) => code === 'stage-ratio' || code === 'whole-ratio')).toEqual([]);
    expect(findings.summary.map(({ code }) => code)).toContain('no-footing');
  });
});

test('of more runs than it can be on it says so, with both numbers', () => {
  const runs = Array.from({ length: MOST_REPORTED + 1 }, () => published[0]!);
  expect(() => reportOf(runs, { language: 'en', cards, claims: [] })).toThrow(/151 runs, .* 150 at most/);
});

test('a run that shared its card is told of, and is in no other number', () => {
  const contended = published.filter((run) => run.contended);
  expect(contended.length).toBeGreaterThan(0);
  const [without, withThem] = [report(sourceRuns), report([...sourceRuns, ...contended])].map(
    ({ analysis }) => analysis,
  );
  expect(withThem!.groups.map(({ step }) => step)).toEqual(without!.groups.map(({ step }) => step));
  expect(markdown([...sourceRuns, ...contended])).toContain('shared its card with something else');
});

test('a machine measured from within gets its advice from its own cases', () => {
  const text = markdown([ownRun]);
  expect(text).toContain('of a step’s 2.90 s the GPU waited **0.90 s** (31 %) for weights');
  expect(text).toContain(
    'a step takes 2.00 s with all of them there and 2.90 s with weights streamed (1.45×, measured)',
  );
  expect(text).toContain('In q8_0 instead of f16 a step brings 4.3 GiB instead of 8.1 GiB');
  expect(text).toContain('a step of 2 takes 3.60 s, of one 2.00 s, so 11 % more videos in the same time (measured)');
  expect(text).toContain('4 videos at once: failed (11.2 GiB of GPU memory were asked for)');
  expect(text).toContain('`attention` takes 30 % of the kernels’ time at 25 % of its roof');
});

test('a case that streams a part of its weights gets no advice that counts the rest twice', () => {
  const streamed = ownRun.cases.find(({ key }) => key.offload === 'stream')!;
  const partial = {
    ...streamed,
    key: { ...streamed.key, offload: 'partial' as const },
    peakGpuBytes: 5e9,
    streamedBytesPerStep: 4.4e9,
    exposedSeconds: 1.2,
  };
  const needs = (cases: Run['cases']) =>
    Object.values(report([{ ...ownRun, cases }]).analysis.findings)
      .flat()
      .flatMap(({ code, values }) => (code === 'quantise-stream' ? [values.need] : []));
  expect(needs([partial])).toEqual([]);
  expect(needs([partial, streamed])).toEqual(needs([streamed]));
});

test('what a clock told to take 0 s stands in the way of nothing', () => {
  const untimed = (offload: 'resident' | 'stream', batch: number) => {
    const like = ownRun.cases.find(({ key }) => key.offload === offload && key.batch === batch)!;
    return { ...like, key: { ...like.key, weights: 'q8_0' }, step: figure('measured', 0), exposedSeconds: 9 };
  };
  const cases = [untimed('stream', 1), untimed('resident', 1), untimed('resident', 2), ...ownRun.cases];
  const checks = [{ ...ownRun.checks[0]!, measuredSeconds: 0 }, ...ownRun.checks];
  const kernels = [{ ...ownRun.kernels[0]!, kernel: 'copy', seconds: 0 }, ...ownRun.kernels];
  const findings = (run: Run) => report([run]).analysis.findings;
  expect(findings({ ...ownRun, cases, checks, kernels })).toEqual(findings(ownRun));
});

/** A run that tells nothing but its name. */
const bare: Run = {
  ...sourceRuns[0]!,
  id: 'bare',
  name: 'bare',
  device: { name: '', memoryBytes: null, software: false },
  key: Object.fromEntries(Object.keys(sourceRuns[0]!.key).map((field) => [field, null])) as unknown as Run['key'],
  stages: Object.fromEntries(Object.keys(sourceRuns[0]!.stages).map((stage) => [stage, null])) as Run['stages'],
  timingBoundary: null,
  peakMemoryBytes: null,
  extra: {},
};

const GATHERINGS: Readonly<Record<string, readonly Run[]>> = {
  none: [],
  bare: [bare],
  'one card': sourceRuns.slice(0, 3),
  own: [ownRun],
  'own and published': [ownRun, ownRunOf121, bare, ...published],
};

test.for(Object.entries(GATHERINGS))('on %s nothing is said without a number', ([, runs]) => {
  for (const language of ['en', 'zh'] as const) {
    const made = report(runs, language);
    for (const text of [reportMarkdown(made), reportHtml(made)])
      expect(text).not.toMatch(/NaN|undefined|null|Infinity|\[object|–\s?(s|秒|GiB|%)/);
    expect(made.sections.map(({ blocks }) => blocks.length).slice(0, 6)).not.toContain(0);
  }
});

test('every finding has its sentence in both languages, without a word of the other', () => {
  const text = (language: Language) => markdown([ownRun, ...sourceRuns, ...published], language);
  expect(text('en')).not.toMatch(/\p{Script=Han}/u);
  const chinese = text('zh')
    .split('\n')
    .filter((line) => /^(- |\d+\. )/.test(line));
  expect(chinese.filter((line) => !/\p{Script=Han}/u.test(line))).toEqual([]);
});

function imported(text: string): readonly Run[] {
  const read = importRuns(text, { name: 'a file', url: null });
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return read.runs;
}

describe('what a name may hold', () => {
  const NAME = '<script>alert(1)</script> **x** `y` | z [a](javascript:b) &lt;\n# c \u202e"\'';
  const hostile: Run = {
    ...sourceRuns[0]!,
    id: 'hostile',
    name: NAME,
    software: NAME,
    device: { ...sourceRuns[0]!.device, name: NAME },
    source: { text: NAME, url: 'javascript:alert(1)' },
    key: { ...sourceRuns[0]!.key, attention: NAME, weights: NAME },
  };
  const made = report([hostile, ...sourceRuns.slice(3)]);

  test('stays text in HTML', () => {
    const html = reportHtml(made);
    expect(html).not.toMatch(/<script|<img|href="javascript|\u202e/i);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  test('breaks no line or column of Markdown', () => {
    const lines = reportMarkdown(made).split('\n');
    const cells = (line: string) => line.match(/(?<!\\)\|/g)?.length;
    for (const [at, line] of lines.entries())
      if (line.startsWith('|') && lines[at - 1]?.startsWith('|')) expect(cells(line), line).toBe(cells(lines[at - 1]!));
    expect(lines.filter((line) => /^# c|(?<!\\)<script|(?<!\\)\]\((?!<https:)/.test(line))).toEqual([]);
  });

  test('leads nowhere but where its address leads', () => {
    const url = 'https://x.example/?a|b\\c\n\n# Verdict\n\n[click](javascript:alert(1))';
    const file = JSON.parse(reportJson(report([{ ...sourceRuns[0]!, source: { text: 'x', url } }])));
    const [read] = imported(JSON.stringify(file));
    expect(read?.source.url).not.toMatch(/\s/);
    for (const run of [read!, { ...read!, source: { text: 'x', url } }]) {
      const text = reportMarkdown(report([run]));
      expect(text).not.toMatch(/^# Verdict/m);
      const line = text.split('\n').find((each) => each.includes('x.example'))!;
      expect(line).toContain('](<https://x.example/?a%7Cb');
      expect(line.match(/(?<!\\)\|/g)).toHaveLength(7);
    }
  });

  test('is read up to what can be shown of it', () => {
    expect(nameText(` a\n${'b'.repeat(100)}`)).toBe(`a ${'b'.repeat(77)}…`);
    const long = `a${'😀 '.repeat(4_000_000)}`;
    const beganMs = performance.now();
    for (let row = 0; row < 100; row++) expect(nameText(long)).toMatch(/^a😀.*…$/u);
    expect(performance.now() - beganMs).toBeLessThan(500);
  });

  test('is no formula in a spreadsheet', () => {
    const first = (name: string) => reportCsv(report([{ ...hostile, name }])).split('\r\n')[1]!;
    expect(first('=HYPERLINK("x")')).toMatch(/^"'=HYPERLINK\(""x""\)",/);
    for (const sign of ['=', '+', '-', '@', '\t', '\n', '＝', '＋', '－', '＠']) {
      expect(first(`${sign}1+1`).startsWith(`"'${sign}1+1"`), sign).toBe(true);
      expect(first(`a;${sign}1+1`).startsWith(`"a;'${sign}1+1"`), sign).toBe(true);
    }
    expect(first('a-b')).toMatch(/^"a-b",/);
  });
});

const PROMPTS = /a secret (wish|dread)/;

test('JSON holds the findings with their numbers, and the runs as they were, without their prompts', () => {
  const json = JSON.parse(reportJson(report(sourceRuns)));
  expect(json).toMatchObject({ schema: 'wanscope-report', version: 1 });
  expect(JSON.stringify(sourceRuns)).toMatch(/"prompt":"/);
  expect(json.runs).toEqual(
    JSON.parse(JSON.stringify(sourceRuns), (name, value) => (name === 'prompt' ? undefined : value)),
  );
  const [step] = json.findings.summary;
  expect(step.code).toBe('stage-ratio');
  expect(step.values.ratio).toBeCloseTo(1.844, 3);
});

test('JSON tells no prompt of a video made here, and of a server’s answer its model alone', () => {
  const settings = { prompt: 'a secret wish', negativePrompt: 'a secret dread', steps: 4 };
  const video: Run = { ...sourceRuns[0]!, id: 'v', origin: 'video', extra: { settings, resumedSteps: 2, prompts: 3 } };
  const answer = { model: 'wan', job: { request: { text: 'a secret wish' } }, messages: [['x', { host: 'inside' }]] };
  const server: Run = { ...sourceRuns[0]!, id: 's', origin: 'server', extra: answer };
  const text = reportJson(report([video, server]));
  expect(JSON.stringify([video, server])).toMatch(PROMPTS);
  expect(text).not.toMatch(PROMPTS);
  const runs: Run[] = JSON.parse(text).runs;
  expect(runs.map(({ extra }) => extra)).toEqual([
    { settings: { steps: 4 }, resumedSteps: 2, prompts: 3 },
    { model: 'wan' },
  ]);
});

test('CSV has a line for every stage of every run, projections told apart', () => {
  const lines = reportCsv(report([ownRun, ...sourceRuns]))
    .trimEnd()
    .split('\r\n');
  const figures = (run: Run) => Object.values(run.stages).filter(Boolean).length;
  const expected = [ownRun, ...sourceRuns].reduce((sum, run) => sum + figures(run), 0);
  expect(lines).toHaveLength(1 + expected + Object.values(ownRun.projection!.stages).filter(Boolean).length);
  expect(lines.filter((line) => line.includes(',"projection",'))).not.toHaveLength(0);
});
