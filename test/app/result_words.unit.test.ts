import { describe, expect, test } from 'vitest';
import { headline, ratioText } from '../../src/app/headline';
import { resultText } from '../../src/app/result_text';
import { compareRuns } from '../../src/compare/compare_runs';
import { kernelRows } from '../../src/compare/kernel_rows';
import { representatives } from '../../src/compare/representatives';
import { runOfResult } from '../../src/compare/run_of';
import { en } from '../../src/words/en';
import { zh } from '../../src/words/zh';
import { exampleResult, figure } from '../compare/example_result';
import { referenceRuns } from '../compare/reference_runs';

const runs = representatives(referenceRuns);
const besidePublished = (result = exampleResult()) => runs.map((run) => compareRuns(runOfResult(result), run));
const comparisons = besidePublished();
const plain = (text: string) => text.replace(/[\u202f\u00a0]/g, ' ');

describe('the headline', () => {
  test('says seconds first and the ratio the human way round', () => {
    expect(plain(headline(comparisons, en))).toBe(
      'One guided step of the 161-frame 720p reference would take **21 min 4 s** here; ' +
        'an L40S takes 12.6 s: **100× faster**; an RTX PRO 6000 Blackwell takes 6.85 s: **185× faster**.',
    );
  });

  test('says the same in Chinese', () => {
    expect(plain(headline(comparisons, zh))).toBe(
      '参考规模（161 帧 720p）的一个引导步，本机约需 **21 分 4 秒**；' +
        'L40S 用 12.6 秒，**速度是本机的 100 倍**；RTX PRO 6000 Blackwell 用 6.85 秒，**速度是本机的 185 倍**。',
    );
  });

  test('says so when this GPU is the faster one, and "takes" when the step was measured', () => {
    const example = exampleResult();
    const stages = { ...example.projection.stages, step: figure('measured', 5) };
    const quick = { ...example, projection: { ...example.projection, stages } };
    const text = headline(besidePublished(quick).slice(0, 1), en);
    expect(plain(text)).toContain('takes **5.00 s** here; an L40S takes 12.6 s: this GPU is **2.5× faster**');
  });

  test('is empty when nothing can be compared', () => {
    expect(headline([], en)).toBe('');
  });
});

test('a ratio near 1 is no ratio', () => {
  const texts = [0.98, 1.02, 2, 0.5].map((ratio) => ratioText({ ratio, reason: null }, en));
  expect([...texts, ratioText({ ratio: null, reason: 'other-work' }, en)]).toEqual([
    'about as fast',
    'about as fast',
    '2.0× faster',
    'this GPU 2.0× faster',
    'not the same work',
  ]);
});

test('kernels come longest first, with their share of the roof that binds them', () => {
  const [matmul, , norm] = kernelRows(exampleResult());
  expect(matmul).toMatchObject({ kernel: 'matmul', share: 0.6, ofRoof: 0.75, waitsFor: 'arithmetic' });
  expect(norm).toMatchObject({ kernel: 'rms_norm', ofRoof: 0.5, waitsFor: 'memory' });
});

test('a result as text is Markdown with all stages, in either language', () => {
  expect(resultText(exampleResult(), comparisons, en)).toMatchSnapshot();
  expect(resultText(exampleResult(), comparisons, zh)).toMatchSnapshot();
});

test('both languages have words for the same things, and none is empty', () => {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shape(each)]))
      : typeof value;
  expect(shape(zh)).toEqual(shape(en));
  const texts = (value: unknown): string[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [String(value)];
  expect([...texts(en), ...texts(zh)].filter((text) => text.trim() === '')).toEqual([]);
});
