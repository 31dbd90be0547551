/** Videos of the model that ships with the program, as PyTorch makes them; and what a run tells. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { ClipPreview, ClipResult, FramePixels } from '../../src/core/clip_run';
import type { RunEvent } from '../../src/core/events';
import { keepEmbeddings, memoryStore } from '../../src/generate/embeddings';
import { type ClipWish, type GenerateOptions, generate } from '../../src/generate/generate';
import type { OpenedModel } from '../../src/generate/model';
import { planClip } from '../../src/generate/plan';
import { readUnfinished, type Unfinished, writeUnfinished } from '../../src/generate/unfinished';
import { recorderOptions } from '../../src/pipeline/options';
import { demoGolden, demoModel, furthest, wishOf } from '../support/demo_model';
import { testContext } from '../support/evaluate';

let model: OpenedModel;
beforeAll(async () => {
  model = await demoModel();
});

/** The smallest there is: one token. */
const SMALL = { prompt: 'a red circle', width: 32, height: 32, frames: 5, steps: 4 } as const;

async function run(wish: ClipWish, options: Partial<GenerateOptions> = {}) {
  const context = await testContext();
  const parts: FramePixels[] = [];
  const events: RunEvent[] = [];
  const previews: ClipPreview[] = [];
  const result = await generate(context, model, wish, {
    onFrames: (frames) => void parts.push(frames),
    onPreview: (preview) => previews.push(preview),
    emit: (event) => events.push(event),
    ...options,
  });
  expect(context.memory.bytes).toBe(0);
  return { result, parts, events, previews };
}

test('the published frames, within the rounding to pixels; and an honest account of it', async () => {
  const { prompt, seed, frames } = demoGolden(4);
  const { result, parts, events, previews } = await run({ ...wishOf(model, { prompt, seed }), previewEvery: 5 });
  expect(furthest(parts, frames)).toBeLessThan(1e-2);
  expect(parts.map(({ firstFrame, frameCount }) => [firstFrame, frameCount])).toEqual([
    [0, 1],
    [1, 4],
    [5, 4],
    [9, 4],
    [13, 4],
  ]);
  expect(previews.map(({ step, rough, frameCount }) => [step, rough, frameCount])).toEqual([
    [5, true, 5],
    [10, true, 5],
    [15, true, 5],
  ]);
  // The last preview is the video, coarsely: its ring is purple on black.
  const ground = meanColour(previews.at(-1)!.pixels);
  expect(ground.map((value) => Math.round(value / 64))).toEqual([0, 0, 0].map((value, i) => value + (i === 2 ? 1 : 0)));

  expectHonest(result);
  expect(result).toMatchObject({ resumedSteps: 0, promptTokens: 7, model: 'wanscope-demo', weights: 'bf16' });
  expect(result.stages.step!.samples).toHaveLength(20);
  expect(events.map(({ type }) => type).filter((type) => type !== 'progress')).toEqual([
    'run-begin',
    ...Array.from({ length: 4 }, () => ['stage-begin', 'stage-end']).flat(),
    'run-end',
  ]);
  const steps = events.filter((event) => event.type === 'progress' && event.stage === 'denoise');
  expect(steps.map((event) => (event as { done: number }).done)).toEqual(Array.from({ length: 21 }, (_, i) => i));
});

function meanColour(pixels: Uint8ClampedArray): number[] {
  return [0, 1, 2].map(
    (c) => (4 * pixels.reduce((sum, value, i) => sum + (i % 4 === c ? value : 0), 0)) / pixels.length,
  );
}

function expectHonest({ stages, peakGpuBytes }: ClipResult) {
  const { load, encode, step, decode, total } = stages;
  const parts = [load, encode, decode].map((figure) => figure!.seconds);
  const steps = step!.samples.reduce((sum, seconds) => sum + seconds, 0);
  for (const seconds of [...parts, steps]) expect(seconds).toBeGreaterThan(0);
  expect(parts.reduce((sum, seconds) => sum + seconds, steps)).toBeLessThanOrEqual(total.seconds);
  expect(peakGpuBytes).toBeGreaterThan(13e6);
}

describe('a stopped run', () => {
  test('goes on from its bytes to the same frames', async () => {
    const wish = wishOf(model, SMALL);
    const states: Uint8Array[] = [];
    const whole = await run(wish, { onState: (unfinished) => void states.push(writeUnfinished(unfinished)) });
    expect(states).toHaveLength(4);
    const resume = readUnfinished(states[1]!, 'x');
    const rest = await run(wish, { resume });
    expect(rest.result.resumedSteps).toBe(2);
    expect(rest.result.stages.step!.samples).toHaveLength(2);
    expect(rest.parts).toEqual(whole.parts);
    const done = await run(wish, { resume: readUnfinished(states[3]!, 'x') });
    expect(done.result.stages).toMatchObject({ step: null, encode: null });
    expect(done.parts).toEqual(whole.parts);
  });

  test('goes on as itself alone', async () => {
    let resume: Unfinished | undefined;
    const stop = new AbortController();
    const stopped = run(wishOf(model, SMALL), {
      signal: stop.signal,
      onState: (unfinished) => {
        resume = unfinished;
        stop.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect((await testContext()).memory.bytes).toBe(0);
    for (const [changes, message] of [
      [{ seed: 1 }, 'its seed is "0", now it is "1"'],
      [{ steps: 5 }, 'its steps is "4", now it is "5"'],
    ] as const)
      await expect(run(wishOf(model, { ...SMALL, ...changes }), { resume })).rejects.toThrow(message);
    const clip = { ...resume!.clip, modelFingerprint: 'another' };
    await expect(run(wishOf(model, SMALL), { resume: { ...resume!, clip } })).rejects.toThrow('has other weights');
    const image = { width: 8, height: 8, pixels: new Uint8ClampedArray(8 * 8 * 4) };
    await expect(run({ ...wishOf(model, SMALL), image }, { resume })).rejects.toThrow('it has another first frame');
  });
});

test('a first frame is kept to, and goes with an unfinished run', async () => {
  const pixels = Uint8ClampedArray.from({ length: 40 * 30 * 4 }, (_, i) => [200, 40, 40, 255][i % 4]!);
  const wish = { ...wishOf(model, SMALL), image: { width: 40, height: 30, pixels } };
  const states: Unfinished[] = [];
  const { result, parts } = await run(wish, { onState: (unfinished) => void states.push(unfinished) });
  expect(result.stages.image!.seconds).toBeGreaterThan(0);
  const [red, green, blue] = meanColour(parts[0]!.pixels);
  expect(red! - Math.max(green!, blue!)).toBeGreaterThan(80);
  expect(states[0]).toMatchObject({ clip: { hasImage: true }, image: { width: 32, height: 32 } });
  // The page has no picture any more when it goes on.
  const rest = await run({ ...wish, image: null }, { resume: readUnfinished(writeUnfinished(states[0]!), 'x') });
  expect(rest.parts).toEqual(parts);
});

test('embeddings that were kept need no text encoder', async () => {
  const wish = wishOf(model, SMALL);
  const embeddings = keepEmbeddings(memoryStore(), model.textFingerprint, model.networks.text.dim);
  const first = await run(wish, { embeddings });
  const second = await run(wish, { embeddings });
  expect(first.result.stages.encode!.seconds).toBeGreaterThan(0);
  expect(second.result.stages.encode).toBeNull();
  expect(second.parts).toEqual(first.parts);
});

test.for([
  { residency: 'resident', imageGiven: false },
  { residency: 'stream', imageGiven: true },
] as const)('the plan of memory is what a run takes: %j', async ({ residency, imageGiven }) => {
  const context = await testContext();
  const pixels = new Uint8ClampedArray(32 * 32 * 4);
  const image = imageGiven ? { width: 32, height: 32, pixels } : null;
  const wish: ClipWish = { ...wishOf(model, SMALL), residency, image };
  const recorder = recorderOptions(context, 'f32');
  const rates = { ceiling: context.runner.ceiling, uploadBytesPerSecond: 1e9 };
  const plan = planClip(recorder, model, wish.settings, { residency, imageGiven }, rates);
  const { result } = await run(wish);
  expect(Math.abs(plan.peakBytes / result.peakGpuBytes - 1)).toBeLessThan(0.05);
});

test('what cannot be is refused before anything is loaded', async () => {
  const refused = (changes: object, image: ClipWish['image'] = null) =>
    run({ ...wishOf(model, { ...SMALL, ...changes }), image });
  await expect(refused({ width: 100 })).rejects.toThrow('The width 100 is no multiple of 32');
  await expect(refused({ prompt: '龘龘' })).rejects.toThrow('wanscope-demo knows 0');
  await expect(refused({ decoder: 'tiny' })).rejects.toMatchObject({ code: 'weights-missing' });
});
