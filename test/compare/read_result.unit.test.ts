import { expect, test } from 'vitest';
import { LIMIT_BYTES, readResult } from '../../src/compare/read_result';
import { exampleResult } from './example_result';

const refusalOf = (text: string) => {
  const read = readResult(text);
  return read.ok ? null : read.refusal;
};

test('a saved result comes back as it was', () => {
  expect(readResult(JSON.stringify(exampleResult()))).toEqual({ ok: true, result: exampleResult() });
});

test('a file that is not JSON is refused', () => {
  expect(refusalOf('seconds: 12')).toEqual({ reason: 'not-json' });
});

test('another schema is refused by its name', () => {
  expect(refusalOf('{"schema":"other"}')).toEqual({ reason: 'other-schema', found: 'other' });
  expect(refusalOf('null')).toEqual({ reason: 'other-schema', found: '' });
  expect(refusalOf('[1]')).toEqual({ reason: 'other-schema', found: '' });
});

test('another version is refused with both numbers', () => {
  expect(refusalOf('{"schema":"wanscope-result","version":3}')).toEqual({
    reason: 'other-version',
    found: '3',
    known: 2,
  });
});

test('a wrong field is named, with what was expected', () => {
  const example = exampleResult();
  const wrong = { ...example, stages: { ...example.stages, step: { ...example.stages.step, seconds: 'two' } } };
  expect(refusalOf(JSON.stringify(wrong))).toMatchObject({
    reason: 'field',
    path: 'stages.step.seconds',
    expected: 'number',
  });
});

test('a negative or infinite time is refused', () => {
  const example = exampleResult();
  const negative = { ...example, counts: { ...example.counts, peakGpuBytes: -1 } };
  expect(refusalOf(JSON.stringify(negative))).toMatchObject({ reason: 'field', path: 'counts.peakGpuBytes' });
  const infinite = JSON.stringify(example).replace('"seconds":1264', '"seconds":1e999');
  expect(refusalOf(infinite)).toMatchObject({ path: 'projection.stages.step.seconds' });
});

test('a huge file is refused before it is parsed', () => {
  expect(refusalOf('x'.repeat(LIMIT_BYTES + 1))).toMatchObject({ reason: 'too-large' });
});
