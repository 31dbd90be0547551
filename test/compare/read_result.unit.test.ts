import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { LIMIT_BYTES, readResult } from '../../src/compare/read_result';
import { MOST } from '../../src/compare/result_schema';
import { en } from '../../src/words/en';
import { remarkText } from '../../src/words/remarks_en';
import { exampleResult } from './example_result';
import { worstResult } from './worst_result';

const refusalOf = (text: string) => {
  const read = readResult(text);
  return read.ok ? null : read.refusal;
};

test('a saved result comes back as it was', () => {
  for (const result of [exampleResult(), worstResult()])
    expect(readResult(JSON.stringify(result))).toEqual({ ok: true, result });
});

test('fields that nobody knows survive, at every level', () => {
  const example = exampleResult();
  const newer = {
    ...example,
    weather: { degrees: 21 },
    key: { ...example.key, colour: 'warm' },
    kernels: example.kernels.map((kernel) => ({ ...kernel, registers: 64 })),
    remarks: [{ code: 'sampled', values: { slices: 4 } }],
  };
  expect(readResult(JSON.stringify(newer))).toEqual({ ok: true, result: newer });
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

test('a number that is too small to divide by is refused, with what would do', () => {
  const tiny = JSON.stringify(exampleResult()).replace('"seconds":1264', '"seconds":5e-324');
  expect(refusalOf(tiny)).toMatchObject({
    path: 'projection.stages.step.seconds',
    ...{ expected: '>=1e-100', received: '5e-324' },
  });
  const { roofs } = exampleResult();
  const none = JSON.stringify({ ...exampleResult(), roofs: { ...roofs, bytesPerSecond: 0 } });
  expect(refusalOf(none)).toMatchObject({ path: 'roofs.bytesPerSecond', expected: '>0', received: '0' });
});

test('a huge file is refused before it is parsed', () => {
  expect(refusalOf('x'.repeat(LIMIT_BYTES + 1))).toMatchObject({ reason: 'too-large' });
});

test('a list of more than its limit is refused, and so is nesting that could not be saved again', () => {
  const spans = (count: number) =>
    JSON.stringify(
      exampleResult({ timeline: Array(count).fill({ lane: 'fetch', fromSeconds: 0, toSeconds: 1, label: '' }) }),
    );
  expect(refusalOf(spans(MOST.spans))).toBeNull();
  expect(refusalOf(spans(MOST.spans + 1))).toMatchObject({ reason: 'field', path: 'timeline' });
  const deep = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
  expect(refusalOf(JSON.stringify(exampleResult()).replace('{', `{"extra":${deep},`))).toEqual({
    reason: 'too-deep',
    levels: 32,
  });
  expect(refusalOf(`{"schema":${deep}}`)).toEqual({ reason: 'too-deep', levels: 32 });
});

describe('a result of version 1', async () => {
  const read = (name: string) => readFile(new URL(`version-1/${name}.json`, import.meta.url), 'utf8');
  const files = { h100: await read('h100'), llvmpipe: await read('llvmpipe') };
  const converted = (text: string) => {
    const answer = readResult(text);
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
    return answer.result;
  };

  test.for(Object.entries(files))('made on %s becomes one of version 2 with the same numbers', ([, text]) => {
    const old = JSON.parse(text);
    const { id, stages, kernels, counts, machine, projection, key, ...rest } = converted(text);
    expect({ id, stages, kernels, counts, machine }).toEqual({
      id: old.id,
      stages: old.stages,
      kernels: old.kernels,
      counts: old.counts,
      machine: old.machine,
    });
    expect([key, projection.key]).toEqual([
      { ...old.key, batch: 1 },
      { ...old.projection.key, batch: 1 },
    ]);
    expect(rest).toMatchObject({ version: 2, name: '', checks: [], cases: [], timeline: [], memory: { samples: [] } });
    expect(rest.roofs).toEqual({ ...old.roofs, matrixFlopsPerSecond: null });
  });

  test('has remarks that can be said in any language, and keeps their sentences', () => {
    const { remarks } = converted(files.llvmpipe);
    expect(remarks.map(({ code }) => code)).toEqual(['software-adapter', 'default-limits', 'sampled']);
    expect(remarkText(remarks[0]!, en)).toContain('llvmpipe');
    expect(remarkText(remarks[1]!, en)).toContain('128\u202fMiB');
    expect(remarks[0]).toMatchObject({ text: expect.stringContaining('a CPU pretending to be a GPU') });
  });

  test('that was throttled has the times in its steps', () => {
    const old = JSON.parse(files.h100);
    const remarks = [{ code: 'throttled', text: 'The last step took 12 % longer than the first.' }];
    const { samples } = old.stages.step;
    expect(converted(JSON.stringify({ ...old, remarks })).remarks[0]!.values).toEqual({
      firstSeconds: samples[0],
      lastSeconds: samples.at(-1),
    });
  });

  test('is refused where a field is wrong, and so are fields that are no objects', () => {
    const old = JSON.parse(files.h100);
    expect(refusalOf(JSON.stringify({ ...old, stages: null }))).toMatchObject({ reason: 'field', path: 'stages' });
    expect(refusalOf(JSON.stringify({ ...old, remarks: [7] }))).toMatchObject({ path: 'remarks.0.code' });
    expect(refusalOf(JSON.stringify({ ...old, machine: 1, remarks: [{ code: 'throttled' }] }))).toMatchObject({
      path: 'machine',
    });
  });
});
