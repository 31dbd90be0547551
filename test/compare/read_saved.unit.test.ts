import { expect, test } from 'vitest';
import { readSaved } from '../../src/compare/read_saved';
import type { SavedClip } from '../../src/core/clip_run';
import { exampleResult, figure } from './example_result';

const clip: SavedClip = {
  schema: 'wanscope-video',
  version: 1,
  id: 'clip',
  name: 'cat',
  settings: {
    prompt: 'a cat, surfing',
    negativePrompt: '',
    width: 832,
    height: 480,
    frames: 33,
    steps: 4,
    solver: 'dpm++',
    schedule: 'turbo',
    shift: 5,
    guidance: 1,
    seed: 2 ** 40,
    noise: 'cuda-142x1536',
    decoder: 'vae',
    tokenizer: 'fast',
  },
  model: 'Wan2.2',
  modelFingerprint: 'abc',
  network: 'wan22-5b',
  machine: exampleResult().machine,
  createdAt: '2026-03-02T12:00:00.000Z',
  promptTokens: 12,
  framesPerSecond: 24,
  activations: 'f16',
  weights: 'bf16',
  offload: 'stream',
  stages: {
    load: figure('measured', 3),
    encode: null,
    image: null,
    step: figure('measured', 2, [2, 2, 2.1, 1.9]),
    decode: figure('measured', 6),
    total: figure('measured', 17),
  },
  resumedSteps: 0,
  peakGpuBytes: 2e9,
};

test('a result, a video, and a list of both come back as they were', () => {
  for (const each of [exampleResult(), clip])
    expect(readSaved(JSON.stringify(each))).toEqual({ ok: true, runs: [each] });
  expect(readSaved(JSON.stringify([clip, exampleResult()]))).toEqual({ ok: true, runs: [clip, exampleResult()] });
  expect(readSaved('[]')).toEqual({ ok: true, runs: [] });
});

test('a wrong entry refuses the list, with its number in the path', () => {
  const wrong = { ...clip, settings: { ...clip.settings, noise: 'cuda' } };
  expect(readSaved(JSON.stringify([exampleResult(), wrong]))).toMatchObject({
    ok: false,
    refusal: { reason: 'field', path: '1.settings.noise' },
  });
  expect(readSaved(JSON.stringify([[]]))).toMatchObject({ refusal: { reason: 'other-schema' } });
  expect(readSaved(JSON.stringify({ ...clip, version: 2 }))).toEqual({
    ok: false,
    refusal: { reason: 'other-version', found: '2', known: 1 },
  });
});
