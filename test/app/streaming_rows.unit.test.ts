import { expect, test } from 'vitest';
import type { RemarkedResult } from '../../src/app/state/streaming';
import { streamingHeadline, streamingRows, streamingText } from '../../src/app/streaming_rows';
import { en } from '../../src/words/en';
import { zh } from '../../src/words/zh';
import { exampleResult } from '../compare/example_result';

const GIB = 2 ** 30;
const result = (changes: Partial<RemarkedResult> = {}): RemarkedResult => ({
  remarks: [{ code: 'hidden-tab', values: {} }],
  ...{ schema: 'wanscope-streaming', version: 1, createdAt: '2026-03-01T10:00:00.000Z', engineVersion: '0.1.0' },
  ...{ machine: exampleResult().machine, preset: '640x352x17', tokens: 1100, activations: 'f16' },
  ...{ weights: 'synthetic bf16 from memory', residency: 'stream', memoryBytes: 4 * GIB },
  ...{ residentBytes: 3 * GIB, streamedBytes: 5 * GIB, peakGpuBytes: 3.9 * GIB, loadSeconds: 2.5 },
  outsideKernels: 0.02,
  step: { kind: 'measured', seconds: 4, samples: [3.9, 4, 4.2] },
  brought: { bytes: 5 * GIB, bytesPerSecond: 3.1e9, exposedSeconds: 0.4, hiddenSeconds: 1.3 },
  ...changes,
});

const plain = (text: string) => text.replace(/[\u202f\u00a0]/g, ' ');
const exposed = (exposedSeconds: number) => result({ brought: { ...result().brought!, exposedSeconds } });

test('the finding says what the GPU waited, that all was hidden, or that nothing was brought', () => {
  expect(plain(streamingHeadline(result(), en))).toBe(
    'One guided step takes **4.00 s**; for **400 ms** of it (10 %) the GPU waits for weights.',
  );
  expect(plain(streamingHeadline(exposed(0.01), en))).toMatch(/Bringing 5 GiB of weights stays hidden/);
  expect(plain(streamingHeadline(result({ brought: null }), en))).toMatch(/No weights are brought/);
});

test('figures of what was brought are left out where nothing was', () => {
  const names = (each: RemarkedResult) => streamingRows(each, en).map(({ name }) => name);
  expect(names(result())).toEqual(expect.arrayContaining(['Exposed', 'Hidden, at least', 'Rate while under way']));
  expect(names(result({ brought: null })).join()).not.toMatch(/Exposed|Hidden|Rate/);
});

test('streaming without a limit is told as what it is', () => {
  const text = streamingText(result({ memoryBytes: null }), en);
  expect(text).toMatch(/Where they live \| Stream everything/);
  expect(text).toMatch(/GPU memory allowed \| no limit/);
});

test('a result as text is Markdown, in either language', () => {
  expect(streamingText(result(), en)).toMatchSnapshot();
  expect(
    streamingText(result({ weights: 'a-00001-of-00002.safetensors, a-00002-of-00002.safetensors' }), zh),
  ).toMatchSnapshot();
});
