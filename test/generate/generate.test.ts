/** Videos of the model that ships with the program, as PyTorch makes them; and what a run tells. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { openFile } from '../../src/cli/file_source';
import type { ClipPreview, ClipResult, FramePixels } from '../../src/core/clip_run';
import type { RunEvent } from '../../src/core/events';
import { partsBytes } from '../../src/core/stage_memory';
import { keepEmbeddings } from '../../src/generate/embeddings';
import { type ClipWish, type GenerateOptions, generate } from '../../src/generate/generate';
import { type OpenedModel, openVideoModel } from '../../src/generate/model';
import { planClip, planWish } from '../../src/generate/plan';
import { openPreviews } from '../../src/generate/previews';
import type { Placement } from '../../src/generate/stage_needs';
import { readUnfinished, type Unfinished, writeUnfinished } from '../../src/generate/unfinished';
import type { GpuContext } from '../../src/gpu/context';
import { checkpointSource } from '../../src/pipeline/checkpoint_source';
import { recorderOptions } from '../../src/pipeline/options';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { readLora } from '../../src/weights/lora';
import type { TensorFile } from '../../src/weights/tensor_file';
import {
  brokenTinyDecoderFile,
  DEMO,
  demoGolden,
  demoModel,
  furthest,
  tinyDecoderFile,
  wishOf,
} from '../support/demo_model';
import { testContext } from '../support/evaluate';
import { keyValues } from '../support/key_values';
import { layerValues, loraFile } from '../support/lora_file';

let model: OpenedModel;
beforeAll(async () => {
  model = await demoModel();
});

/** The smallest there is: one token. */
const SMALL = { prompt: 'a red circle', width: 32, height: 32, frames: 5, steps: 4 } as const;

async function run(wish: ClipWish, options: Partial<GenerateOptions> = {}, opened = model) {
  const context = await testContext();
  const parts: FramePixels[] = [];
  const events: RunEvent[] = [];
  const previews: ClipPreview[] = [];
  const result = await generate(context, opened, wish, {
    onFrames: (frames) => void parts.push(frames),
    onPreview: (preview) => previews.push(preview),
    emit: (event) => events.push(event),
    ...options,
  });
  expect(context.memory.bytes).toBe(0);
  return { result, parts, events, previews };
}

test('the published frames, within the rounding to pixels; and an honest account of it', async () => {
  const { prompt, seed, frames } = demoGolden(0);
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
  // The projection of the finished latents is off by 0.143.
  expect(roughness(previews.at(-1)!, frames)).toBeLessThan(0.16);
  expect(roughness(previews[0]!, frames)).toBeGreaterThan(roughness(previews.at(-1)!, frames));

  expectHonest(result);
  expect(result).toMatchObject({
    resumedSteps: 0,
    promptTokens: 21,
    model: 'wanscope-demo',
    network: 'other',
    weights: 'bf16',
  });
  expect(result.stages.step!.samples).toHaveLength(20);
  expect(events.map(({ type }) => type).filter((type) => type !== 'progress')).toEqual([
    'run-begin',
    ...Array.from({ length: 4 }, () => ['stage-begin', 'stage-end']).flat(),
    'run-end',
  ]);
  const done = events.flatMap((event) => (event.type === 'progress' && event.stage === 'denoise' ? [event.done] : []));
  expect(done.filter(Number.isInteger)).toEqual(Array.from({ length: 21 }, (_, i) => i));
  // Blocks of a step, where it takes more than one submit; none twice.
  expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
});

/** Root mean square distance of a preview's colours from those of the frames (3, 17, 96, 96) that each stands for, of a range of 1. */
function roughness({ pixels, frameCount, width, height }: ClipPreview, frames: Float32Array): number {
  let squares = 0;
  for (let at = 0; at < frameCount * height * width; at++) {
    const [latentFrame, row, column] = [Math.floor(at / 36), Math.floor((at % 36) / 6), at % 6];
    const shown = latentFrame === 0 ? [0] : [1, 2, 3, 4].map((i) => 4 * latentFrame - 4 + i);
    for (let c = 0; c < 3; c++) {
      let sum = 0;
      for (const frame of shown)
        for (let i = 0; i < 256; i++)
          sum += frames[((c * 17 + frame) * 96 + 16 * row + (i >> 4)) * 96 + 16 * column + (i % 16)]!;
      squares += (pixels[4 * at + c]! / 255 - (sum / shown.length / 256 + 1) / 2) ** 2;
    }
  }
  return Math.sqrt(squares / (3 * frameCount * height * width));
}

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

test('the time for which decoding waits until frames are written is of the whole, and not of decoding', async () => {
  const WRITING_SECONDS = 0.7;
  let written = 0;
  const { result } = await run(wishOf(model, SMALL), {
    async onFrames() {
      await new Promise((resolve) => setTimeout(resolve, WRITING_SECONDS * 1000));
      written++;
    },
  });
  const { load, encode, step, decode, total } = result.stages;
  const steps = step!.samples.reduce((sum, seconds) => sum + seconds, 0);
  const ofStages = load.seconds + (encode?.seconds ?? 0) + steps + decode.seconds;
  expect(written).toBe(2);
  expect(decode.seconds).toBeGreaterThan(0);
  // While the first are written the next may be computed; for the last ones all waits.
  expect(total.seconds - ofStages).toBeGreaterThan(0.9 * WRITING_SECONDS);
});

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
    await expect(run({ ...wishOf(model, SMALL), products: 'int8' }, { resume })).rejects.toThrow(
      'its products is "exact"',
    );
    await expect(run({ ...wishOf(model, SMALL), activation: 'f16' }, { resume })).rejects.toThrow(
      'its activation is "f32"',
    );
    const clip = { ...resume!.clip, modelFingerprint: 'another' };
    await expect(run(wishOf(model, SMALL), { resume: { ...resume!, clip } })).rejects.toThrow('has other weights');
    const image = { width: 8, height: 8, pixels: new Uint8ClampedArray(8 * 8 * 4) };
    await expect(run({ ...wishOf(model, SMALL), image }, { resume })).rejects.toThrow('it has another first frame');
  });
});

describe('a run that goes on needs no memory for what is done of it:', () => {
  const planOf = async (changes: Partial<ClipWish['settings']>, placement: Omit<Placement, 'imageGiven'>) => {
    const context = await testContext();
    const rates = { ceiling: context.runner.ceiling, uploadBytesPerSecond: 1e9 };
    const { settings } = wishOf(model, { ...SMALL, ...changes });
    return planClip(recorderOptions(context, 'f32'), model, settings, { ...placement, imageGiven: true }, rates);
  };

  test('its first frame', async () => {
    const size = { width: 256, height: 256 };
    const plenty = await planOf(size, { residency: 'stream' });
    const memoryBytes = partsBytes(plenty.memory!.image!) - 1;
    expect(await planOf(size, { residency: 'stream', memoryBytes })).toMatchObject({
      impossible: expect.stringContaining('a first frame of 256×256'),
    });
    const rest = await planOf(size, {
      residency: 'stream',
      memoryBytes,
      resume: { done: 1, fixed: new Float32Array() },
    });
    expect(rest).toMatchObject({ impossible: null, memory: { image: null } });
    expect(rest.memory!.denoise!.activations).toBe(plenty.memory!.denoise!.activations);
  });

  test('all its steps', async () => {
    const states: Unfinished[] = [];
    const whole = await run(wishOf(model, SMALL), { onState: (unfinished) => void states.push(unfinished) });
    const { memory } = await planOf({}, { residency: 'resident' });
    const memoryBytes = partsBytes(memory!.decode!);
    const rest = await run({ ...wishOf(model, SMALL), memoryBytes }, { resume: states.at(-1)! });
    expect(rest.parts).toEqual(whole.parts);
    expect(rest.result.peakGpuBytes).toBeLessThanOrEqual(memoryBytes);
    expect(plannedStages(rest.events)).toEqual(['decode']);
  });
});

test('a run with a LoRA goes on with the model that the page has open, and that LoRA as strong', async () => {
  const file = loraFile('original', [layerValues('blocks.0.self_attn.v.weight', [256, 256], 4, 1)]);
  const lora = readLora(joinFiles([await openTensorFile(file)]))!;
  const withLora = (strength: number) => ({ ...wishOf(model, SMALL), loras: [{ lora, strength }] });
  const states: Unfinished[] = [];
  const whole = await run(withLora(0.5), { onState: (unfinished) => void states.push(unfinished) });
  const resume = readUnfinished(writeUnfinished(states[2]!), 'x');
  expect(resume.clip.modelFingerprint).toBe(model.info.fingerprint);
  expect(whole.result.modelFingerprint).not.toBe(model.info.fingerprint);
  expect((await run(withLora(0.5), { resume })).parts).toEqual(whole.parts);
  for (const other of [withLora(1), wishOf(model, SMALL)])
    await expect(run(other, { resume })).rejects.toThrow('it is of wanscope-demo + 0.5 × ');
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
  const embeddings = keepEmbeddings(keyValues(), model.textFingerprint, model.networks.text.dim);
  const first = await run(wish, { embeddings });
  const second = await run(wish, { embeddings });
  expect(first.result.stages.encode!.seconds).toBeGreaterThan(0);
  expect(second.result.stages.encode).toBeNull();
  // The bar has no part for what is not done.
  expect(plannedStages(first.events)).toEqual(['encode', 'load', 'denoise', 'decode']);
  expect(plannedStages(second.events)).toEqual(['load', 'denoise', 'decode']);
  expect(second.parts).toEqual(first.parts);
});

const plannedStages = ([begin]: readonly RunEvent[]) =>
  begin?.type === 'run-begin' ? begin.stages.map(({ stage }) => stage) : [];

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

test('the plan of the steps has the first frame in it, which sampling keeps', async () => {
  const context = await testContext();
  const image = { width: 1, height: 1, pixels: Uint8ClampedArray.of(200, 40, 40, 255) };
  // So large that its latents take more than the embeddings, which are given back before.
  const wish: ClipWish = { ...wishOf(model, { ...SMALL, width: 256, height: 256, steps: 1 }), image };
  const rates = { ceiling: context.runner.ceiling, uploadBytesPerSecond: 1e9 };
  const { denoise } = planWish(context, model, wish, rates).memory!;
  const stop = new AbortController();
  let peakBytes = 0;
  const stopped = run(wish, {
    signal: stop.signal,
    emit(event) {
      if (event.type !== 'stage-begin' || event.stage !== 'decode') return;
      peakBytes = context.memory.peakBytes;
      stop.abort();
    },
  });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  expect(peakBytes).toBeGreaterThan(0.99 * partsBytes(denoise!));
  expect(peakBytes).toBeLessThanOrEqual(partsBytes(denoise!));
});

describe('with a tiny decoder beside it', () => {
  const withDecoder = async (decoder: TensorFile) =>
    openVideoModel(joinFiles([...model.checkpoint.files, decoder]), {
      description: { value: JSON.parse(readFileSync(`${DEMO}model.json`, 'utf8')), name: 'model.json' },
      sidecars: [await openFile(`${DEMO}tokenizer.json`)],
      label: 'demo and tiny',
    });
  let tiny: OpenedModel;
  beforeAll(async () => {
    tiny = await withDecoder(await tinyDecoderFile(16));
  });

  test('it is the last stage where it is asked for, and makes the previews', async () => {
    expect(tiny.info).toMatchObject({ hasTinyDecoder: true, preview: 'tiny' });
    const context = await testContext();
    const wish: ClipWish = { ...wishOf(tiny, { ...SMALL, decoder: 'tiny' }), previewEvery: 3 };
    const parts: FramePixels[] = [];
    const previews: ClipPreview[] = [];
    let latents: Float32Array = new Float32Array();
    const result = await generate(context, tiny, wish, {
      onFrames: (frames) => void parts.push(frames),
      onPreview: (preview) => previews.push(preview),
      onState: ({ state }) => {
        latents = state.slots.get('sample')!;
      },
    });
    expect(context.memory.bytes).toBe(0);
    expect(parts.map(({ firstFrame, frameCount }) => [firstFrame, frameCount])).toEqual([
      [0, 1],
      [1, 4],
    ]);
    expect(previews).toMatchObject([{ step: 3, rough: false, width: 32, height: 32, frameCount: 5 }]);
    expect(previews[0]!.pixels).toHaveLength(4 * 32 * 32 * 5);
    // Of the finished latents it is the video.
    const shown = openShown(context);
    const last = await shown.show(latents, 4);
    shown.destroy();
    expect(context.memory.bytes).toBe(0);
    expect([...last.pixels]).toEqual(parts.flatMap(({ pixels }) => [...pixels]));

    const rates = { ceiling: context.runner.ceiling, uploadBytesPerSecond: 1e9 };
    const needs = planWish(context, tiny, wish, rates);
    expect(needs.peakBytes).toBeGreaterThan(planWish(context, tiny, { ...wish, previewEvery: 0 }, rates).peakBytes);
    expect(Math.abs(needs.peakBytes / result.peakGpuBytes - 1)).toBeLessThan(0.05);
  });

  const openShown = (context: GpuContext) =>
    openPreviews(context, checkpointSource(context, tiny.checkpoint), tiny, [16, 2, 2, 2], 'f32')!;

  test('previews are left out where memory is for the video alone', async () => {
    const context = await testContext();
    const settings = { ...tiny.info.defaults, ...SMALL };
    const placement = { residency: 'resident', imageGiven: false } as const;
    const rates = { ceiling: context.runner.ceiling, uploadBytesPerSecond: 1e9 };
    const { peakBytes } = planClip(recorderOptions(context, 'f32'), tiny, settings, placement, rates);
    const wish: ClipWish = { ...wishOf(tiny, SMALL), previewEvery: 1, memoryBytes: peakBytes };
    const { result, previews, events } = await run(wish, {}, tiny);
    expect(previews).toEqual([]);
    expect(result.peakGpuBytes).toBeLessThanOrEqual(peakBytes);
    expect(remarksOf(events)).toEqual(['no-previews']);
    expect(events[0]!.type).toBe('run-begin'); // what is told before it is of the run before
  });

  test('a preview that cannot be made is the last, and the video is as without any', async () => {
    const broken = await withDecoder(await brokenTinyDecoderFile(16));
    const { parts, previews, events } = await run({ ...wishOf(broken, SMALL), previewEvery: 1 }, {}, broken);
    expect(previews).toEqual([]);
    expect(remarksOf(events)).toEqual(['no-previews']);
    const plain = await run(wishOf(broken, SMALL), {}, broken);
    expect(parts).toEqual(plain.parts);
    expect(remarksOf(plain.events)).toEqual([]);
  });

  const remarksOf = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === 'remark' ? [event.code] : []));
});

test('what cannot be is refused before anything is loaded', async () => {
  const refused = (changes: object, image: ClipWish['image'] = null) =>
    run({ ...wishOf(model, { ...SMALL, ...changes }), image });
  await expect(refused({ width: 100 })).rejects.toThrow('The width 100 is no multiple of 32');
  await expect(refused({ prompt: '龘龘' })).rejects.toThrow('wanscope-demo knows 0');
  await expect(refused({ decoder: 'tiny' })).rejects.toMatchObject({ code: 'weights-missing' });
});
