import { describe, expect, test } from 'vitest';
import { casesOf } from '../../src/bench/cases';
import { caseRow, matrixOf } from '../../src/cli/bench_cases';
import type { CaseResult } from '../../src/core/result';
import { exampleResult } from '../compare/example_result';

describe('the options of a matrix', () => {
  test('are lists; sizes and frames are combined', () => {
    const matrix = matrixOf({
      preset: '832x480, 256x256',
      frames: '17,121',
      weights: 'bf16,q8_0',
      offload: 'resident,partial,stream',
      batch: '1,2',
      memory: '8GiB',
    });
    expect(matrix.clips.map(({ id }) => id)).toEqual(['832x480x17', '832x480x121', '256x256x17', '256x256x121']);
    expect(matrix.memoryBytes).toBe(8 * 2 ** 30);
    expect(casesOf(matrix)).toHaveLength(4 * 2 * 3 * 2);
  });

  test('are the smallest clip, resident and streamed, where none is given', () => {
    expect(casesOf(matrixOf({}))).toEqual(
      (['resident', 'stream'] as const).map((offload) => ({
        clip: { id: '256x256x5', width: 256, height: 256, frames: 5 },
        weights: 'bf16',
        offload,
        batch: 1,
        memoryBytes: null,
      })),
    );
  });

  test.for<[Parameters<typeof matrixOf>[0], string]>([
    [{ weights: 'bf16,q4_k' }, '--weights is bf16 or f16 or f32 or q8_0, not "q4_k".'],
    [{ offload: 'off' }, '--offload is resident or partial or stream, not "off".'],
    [{ batch: '1,two' }, '--batch is a list of whole numbers such as 1,2,4, not "1,two".'],
    [{ batch: '0' }, 'A batch of 0 videos was asked for. Choose 1 to 64.'],
    [{ preset: '832x480' }, '"832x480" is no clip.'],
    [{ preset: '832x480x33', frames: '17' }, '"832x480x33x17" is no clip.'],
    [{ preset: '832x480', frames: '18' }, 'The frames 18 is not one more than a multiple of 4. Choose 17 or 21.'],
    [{ memory: 'much' }, '--memory is a size such as 2GiB or 800MB, not "much".'],
  ])('%j is answered with what would do', ([values, message]) => {
    expect(() => matrixOf(values)).toThrow(message);
  });
});

describe('a row of the table', () => {
  const { key } = exampleResult();
  const caseOf = (preset: string, batch: number, seconds: number | null): CaseResult => ({
    key: { ...key, preset, batch, weights: 'q8_0', offload: 'stream' },
    memoryBytes: null,
    step: seconds === null ? null : { kind: 'measured', seconds, samples: [seconds] },
    peakGpuBytes: 2 ** 30,
    streamedBytesPerStep: 2 ** 32,
    exposedSeconds: 0.125,
    hiddenSeconds: 1.5,
    failure: seconds === null ? { code: 'out-of-memory', message: 'This takes 9 MiB, and 4 MiB are allowed.' } : null,
  });
  const words = (row: string) => row.trim().split(/\s+/);

  test('has the gain in videos and steps a second over the first measured case of its clip', () => {
    const before = [caseOf('a', 1, null), caseOf('b', 1, 1), caseOf('a', 1, 4)];
    expect(words(caseRow(caseOf('a', 2, 5), before))).toEqual(
      'a q8_0 stream 2 5.000 0.4000 1.60× 1.00 4.00 0.125 1.50'.split(' '),
    );
    expect(words(caseRow(before[1]!, before))[6]).toBe('1.00×');
  });

  test('has the reason of a failure in place of numbers', () => {
    expect(words(caseRow(caseOf('a', 4, null), [])).join(' ')).toBe(
      'a q8_0 stream 4 This takes 9 MiB, and 4 MiB are allowed.',
    );
  });
});
