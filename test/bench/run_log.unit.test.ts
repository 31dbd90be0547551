import { describe, expect, test } from 'vitest';
import { mergeSpans, openLog, thinSamples } from '../../src/bench/run_log';
import type { Span } from '../../src/core/result';

const span = (lane: Span['lane'], fromSeconds: number, toSeconds: number, label = ''): Span => ({
  lane,
  fromSeconds,
  toSeconds,
  label,
});

describe('spans', () => {
  test('few stay as they are, in order of time', () => {
    const spans = [span('decode', 3, 4), span('denoise', 1, 2, 'step 1'), span('encode', 0, 1)];
    expect(mergeSpans(spans, 3)).toEqual([spans[2], spans[1], spans[0]]);
  });

  test('merge across the shortest gaps of their own lane', () => {
    const spans = [
      span('upload', 0, 1),
      span('denoise', 0.5, 1.4, 'step 1'),
      span('upload', 1.1, 2),
      span('upload', 2.5, 3),
    ];
    expect(mergeSpans(spans, 3)).toEqual([span('upload', 0, 2), spans[1], spans[3]]);
  });

  test('keep their labels as long as others can merge', () => {
    const steps = [span('denoise', 0, 1, 'step 1'), span('denoise', 1, 2, 'step 2')];
    const uploads = [span('upload', 0, 0.1), span('upload', 1.5, 1.6)];
    expect(mergeSpans([...steps, ...uploads], 3)).toEqual([steps[0], span('upload', 0, 1.6), steps[1]]);
    expect(mergeSpans([...steps, ...uploads], 2)).toEqual([span('denoise', 0, 2), span('upload', 0, 1.6)]);
  });

  test('are at most as many as asked for, and cover the same time', () => {
    const spans = Array.from({ length: 3000 }, (_, i) =>
      span((['upload', 'denoise'] as const)[i % 2]!, i, i + 0.3 + (i % 7) / 10),
    );
    const merged = mergeSpans(spans, 200);
    expect(merged.length).toBeLessThanOrEqual(200);
    expect(merged.length).toBeGreaterThan(1);
    expect(merged[0]!.fromSeconds).toBe(0);
    expect(Math.max(...merged.map(({ toSeconds }) => toSeconds))).toBe(
      Math.max(...spans.map(({ toSeconds }) => toSeconds)),
    );
  });
});

test('samples keep the peak and the end', () => {
  const samples = Array.from({ length: 5000 }, (_, i) => ({ atSeconds: i / 10, bytes: i === 1234 ? 1e9 : i % 50 }));
  const thinned = thinSamples(samples, 200);
  expect(thinned.length).toBeLessThanOrEqual(200);
  expect(thinned.length).toBeGreaterThan(50);
  expect(thinned).toContainEqual(samples[1234]);
  expect(thinned.at(-1)).toEqual(samples.at(-1));
  expect(thinned).toEqual(thinned.toSorted((a, b) => a.atSeconds - b.atSeconds));
});

test('a log watches memory until it is closed', () => {
  let at = 0;
  const watchers = new Set<(bytes: number) => void>();
  const memory = {
    bytes: 5,
    watch(watcher: (bytes: number) => void) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
  const log = openLog(memory, () => at);
  at = 1000;
  for (const tell of watchers) tell(7);
  const end = log.begin('encode', 'slice');
  at = 3000;
  end();
  log.ended('denoise', 0.5, 'step 1');
  expect(log.timeline).toEqual([span('encode', 1, 3, 'slice'), span('denoise', 2.5, 3, 'step 1')]);
  expect(log.memory).toEqual([
    { atSeconds: 0, bytes: 5 },
    { atSeconds: 1, bytes: 7 },
    { atSeconds: 3, bytes: 5 },
  ]);
  log.close();
  expect(watchers.size).toBe(0);
});
