/** Models opened from their headers: what they are, what they lack, and what they would take. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFile } from '../../src/cli/file_source';
import { openCheckpoint } from '../../src/cli/open_checkpoint';
import { openModel } from '../../src/cli/open_model';
import { DEFAULT_NEGATIVE_PROMPT } from '../../src/core/negative_prompt';
import { fingerprint, loraFingerprint } from '../../src/generate/fingerprint';
import { clipSettings, openVideoModel } from '../../src/generate/model';
import { planClip } from '../../src/generate/plan';
import { promptIds, readPrompt } from '../../src/generate/prompt';
import type { Placement } from '../../src/generate/stage_needs';
import { parseAddress, type RepositoryAddress } from '../../src/weights/address';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { readLora } from '../../src/weights/lora';
import { openRepository } from '../../src/weights/repository_folder';
import { DEMO, demoModel, tinyDecoderFile } from '../support/demo_model';
import { hubForTests, quickClient } from '../support/hub';
import { layerValues, loraFile } from '../support/lora_file';

const hub = hubForTests({ hashBytes: 0 });

/** Its tokenizer stands for the published one, of which the hub has none. */
async function published(repo: string, label = repo, folder = '') {
  const address = parseAddress(`${repo}${folder}`, hub().url) as RepositoryAddress;
  const checkpoint = await openRepository(address, { client: quickClient() });
  return openVideoModel(checkpoint, { sidecars: [await openFile(`${DEMO}tokenizer.json`)], label });
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function demoCopy(name: string, files: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  for (const file of files) await copyFile(`${DEMO}${file}`, join(path, file));
  return path;
}
const WEIGHTS = ['text_encoder.safetensors', 'transformer.safetensors', 'vae.safetensors'];

test('weights of any number of tensors have a fingerprint', async () => {
  const source = { name: 'x', bytes: 4, read: async () => new Uint8Array(4) };
  const tensor = { source, dtype: 'F32', type: 'f32', shape: [], beginByte: 0, endByte: 4 } as const;
  const tensors = Array.from({ length: 200_000 }, (_, i) => [`${i}`, tensor] as const);
  expect(await fingerprint(tensors)).toMatch(/^[0-9a-f]{64}$/);
});

describe('the demo model', () => {
  test('says what it is', async () => {
    const model = await demoModel();
    const { info, networks } = model;
    expect(info).toMatchObject({
      label: 'wanscope-demo',
      framesPerSecond: 8,
      mostPromptTokens: 48,
      sizes: [{ width: 96, height: 96, frames: 17 }],
      takesImage: true,
      hasTinyDecoder: false,
      preview: 'linear',
      weights: 'bf16',
      defaults: { width: 96, height: 96, frames: 17, steps: 20, guidance: 4, shift: 3, solver: 'unipc' },
    });
    expect(info.examples).toHaveLength(6);
    expect(info.knownWords.map(({ kind }) => kind)).toEqual(['shapes', 'colors', 'backgrounds', 'motions']);
    for (const word of info.knownWords.flatMap(({ words }) => words))
      expect(readPrompt(model, word, 'fast').unknown, word).toEqual([]);
    expect(networks.dit.num_layers).toBe(6);
  });

  test('reads both prompts as the tokenizer of the settings does', async () => {
    const model = await demoModel();
    const idsOf = (tokenizer: 'fast' | 'sentencepiece') =>
      promptIds(model, { ...model.info.defaults, prompt: 'red 🦙', negativePrompt: '🦙', tokenizer });
    const { unknownId } = model.tokenizer.vocabulary;
    expect(idsOf('fast').map((ids) => ids.includes(unknownId))).toEqual([true, true]);
    expect(idsOf('sentencepiece').map((ids) => ids.includes(unknownId))).toEqual([false, false]);
    expect(readPrompt(model, '🦙', 'fast').unknown).toEqual(['🦙']);
    expect(readPrompt(model, '🦙', 'sentencepiece').unknown).toEqual([]);
  });

  test('is the same wherever its files are, and another with other weights', async () => {
    const { info } = await demoModel();
    const apart = await demoCopy('apart', ['text_encoder.safetensors', 'vae.safetensors', 'model.json']);
    const rest = await demoCopy('rest', ['transformer.safetensors', 'spiece.model']);
    const moved = await openModel([apart, join(rest, 'transformer.safetensors'), join(rest, 'spiece.model')]);
    expect(moved.info.fingerprint).toBe(info.fingerprint);
    expect(moved.tokenizer.encode('a red circle')).toEqual((await demoModel()).tokenizer.encode('a red circle'));

    const other = await demoCopy('other', [...WEIGHTS, 'model.json', 'tokenizer.json']);
    const bytes = await readFile(join(other, 'transformer.safetensors'));
    for (let at = bytes.length >> 1; at < bytes.length; at += 64) bytes[at]! ^= 1; // as another training would
    await writeFile(join(other, 'transformer.safetensors'), bytes);
    const changed = await openModel([other]);
    expect(changed.info.fingerprint).not.toBe(info.fingerprint);
    expect(changed.textFingerprint).toBe(moved.textFingerprint);
  });

  test.for<[missing: string, message: string]>([
    ['text_encoder.safetensors', 'has no text encoder. Add the file that holds it: a folder text_encoder'],
    ['transformer.safetensors', 'has no transformer. Add the file that holds it: a folder transformer'],
    ['vae.safetensors', 'has no video VAE. Add the file that holds it: a folder vae, Wan2.2_VAE.pth'],
    ['tokenizer.json', 'There is no tokenizer for'],
  ])('without its %s is refused, and told where that is found', async ([missing, message]) => {
    const all = [...WEIGHTS, 'model.json', 'tokenizer.json'];
    const path = await demoCopy(
      `without ${missing}`,
      all.filter((file) => file !== missing),
    );
    await expect(openModel([path])).rejects.toMatchObject({ code: 'weights-missing' });
    await expect(openModel([path])).rejects.toThrow(message);
  });

  test.for<[what: string, change: (description: Record<string, Record<string, unknown>>) => void, message: string]>([
    ['a deeper transformer', ({ transformer }) => (transformer!.num_layers = 7), 'lacks 27 tensors of the transformer'],
    ['a million layers', ({ transformer }) => (transformer!.num_layers = 1e6), '"num_layers" is 1000000'],
    ['a thousand stages', ({ vae }) => (vae!.dim_mult = new Array(1000).fill(1)), '"dim_mult" is'],
    ['another width', ({ transformer }) => (transformer!.ffn_dim = 900), 'needs [900'],
    ['other channels', ({ vae }) => (vae!.z_dim = 15), 'needs [30'],
    ['moments of other channels', ({ vae }) => (vae!.latents_std = [1, 2]), 'deviations given for them: 16 and 2'],
    ['settings that cannot be', ({ defaults }) => (defaults!.frames = 16), 'The frames 16 is not one more'],
    ['no rate', ({ defaults }) => (defaults!.fps = 0), '"defaults.fps" is 0'],
    ['a preview of other channels', ({ preview }) => (preview!.weights = [[1, 2, 3]]), 'weights for 1 channels'],
  ])('described with %s is refused', async ([, change, message]) => {
    const path = await demoCopy('described', [...WEIGHTS, 'model.json', 'tokenizer.json']);
    const description = JSON.parse(await readFile(`${DEMO}model.json`, 'utf8'));
    change(description);
    await writeFile(join(path, 'model.json'), JSON.stringify(description));
    await expect(openModel([path])).rejects.toThrow(message);
  });

  test('with a description that is no JSON, or too long, is refused', async () => {
    const path = await demoCopy('words', [...WEIGHTS, 'tokenizer.json']);
    for (const [text, message] of [
      ['{', 'its 1 bytes are not JSON'],
      [' '.repeat(2 ** 20 + 1), 'it has 1048577 bytes, at most 1048576 are read'],
    ] as const) {
      await writeFile(join(path, 'model.json'), text);
      await expect(openModel([path])).rejects.toThrow(message);
    }
  });
});

describe('the published model', () => {
  test('is used as published', async () => {
    const model = await published('Wan-AI/Wan2.2-TI2V-5B');
    expect(model.info).toMatchObject({
      framesPerSecond: 24,
      mostPromptTokens: 512,
      takesImage: true,
      hasTinyDecoder: false,
      preview: null,
      examples: [],
      knownWords: [],
      weights: 'f32',
      defaults: {
        ...{ width: 832, height: 480, frames: 33, steps: 50, guidance: 5, shift: 3, schedule: 'even' },
        negativePrompt: DEFAULT_NEGATIVE_PROMPT,
      },
    });
    const large = clipSettings(model, { width: 1280, height: 704, frames: 121 }, null);
    expect(large.shift).toBe(5);
    expect(clipSettings(model, { width: 1280, height: 704, shift: 4 }, null).shift).toBe(4);
    const tall = { width: 600, height: 800, pixels: new Uint8ClampedArray() };
    const { width, height } = clipSettings(model, {}, tall);
    expect([width % 32, height % 32, width * height <= 832 * 480]).toEqual([0, 0, true]);
    expect(Math.abs(width / height - 0.75)).toBeLessThan(0.05);
    expect(clipSettings(model, { width: 256, height: 256 }, tall)).toMatchObject({ width: 256, height: 256 });
  });

  test.for([
    ['someone/FastWan2.2-TI2V-5B', 'fastwan'],
    ['someone/Wan2.2-TI2V-5B-Turbo', 'turbo'],
  ])('%s is told by its name to be distilled', async ([label, schedule]) => {
    const { info } = await published('Wan-AI/Wan2.2-TI2V-5B', label);
    expect(info.defaults).toMatchObject({ schedule, guidance: 1 });
  });

  test('with networks of another model is refused, with both numbers', async () => {
    const address = parseAddress('Wan-AI/Wan2.2-TI2V-5B-Diffusers/text_encoder', hub().url) as RepositoryAddress;
    const { files } = await openRepository(address, { client: quickClient() });
    const others = await openCheckpoint(`${DEMO}transformer.safetensors`);
    const coder = await openCheckpoint(`${DEMO}vae.safetensors`);
    const mixed = joinFiles([...files, ...others.files, ...coder.files]);
    const sidecars = [await openFile(`${DEMO}tokenizer.json`)];
    await expect(openVideoModel(mixed, { sidecars, label: 'mixed' })).rejects.toThrow('reads: 4096 and 128');
  });

  test('has a tiny decoder where its file is given, for the same latents', async () => {
    const model = await published('Wan-AI/Wan2.2-TI2V-5B');
    const open = async (channels: number) =>
      openVideoModel(joinFiles([...model.checkpoint.files, await tinyDecoderFile(channels)]), {
        sidecars: [await openFile(`${DEMO}tokenizer.json`)],
        label: 'both',
      });
    expect((await open(48)).info).toMatchObject({ hasTinyDecoder: true, preview: 'tiny' });
    await expect(open(16)).rejects.toThrow('of the tiny decoder: 48 and 16');
  });
});

describe('the plan of a video', () => {
  const RECORDER = {
    activation: 'f16',
    software: false,
    bindingBytes: 2 ** 32,
    workgroupBytes: 32768,
  } as const;
  /** An H100's, as our kernels reach it. */
  const RATES = { ceiling: { flopsPerSecond: 18e12, bytesPerSecond: 2e12 }, uploadBytesPerSecond: 10e9 };
  const GIB = 2 ** 30;
  const size = (width: number, height: number, frames: number) => ({ width, height, frames });

  test('of all sizes is quick, and grows with them', async () => {
    const model = await published('Comfy-Org/Wan_2.2_ComfyUI_Repackaged');
    const plan = (clip: object, placement: Partial<Placement> = {}) =>
      planClip(
        RECORDER,
        model,
        { ...model.info.defaults, prompt: 'a cat', ...clip },
        { residency: 'stream', imageGiven: false, ...placement },
        RATES,
      );
    plan(size(256, 256, 5)); // compiled once
    const began = performance.now();
    const plans = model.info.sizes.map((each) => plan(each));
    expect((performance.now() - began) / plans.length).toBeLessThan(1000);
    for (const each of plans) {
      expect(each.impossible).toBeNull();
      for (const value of [each.encodeSeconds, each.stepSeconds, each.decodeSeconds, each.peakBytes])
        expect(value).toBeGreaterThan(0);
      const stages = each.encodeSeconds + 50 * each.stepSeconds + each.decodeSeconds;
      expect(each.seconds).toBeGreaterThanOrEqual(stages);
    }
    const [small, large] = [plan(size(832, 480, 33)), plan(size(1280, 704, 121))];
    // design/wan22.md: 72.6 and 1,034 TFLOP a guided step; the cross-attention's keys are made once.
    expect(small.stepSeconds / (72.6 / 18)).toBeCloseTo(1, 0);
    expect(large.stepSeconds / (1034 / 18)).toBeCloseTo(1, 0);
    expect(large.tokens).toBe(27_280);

    // Placed as told: what is kept is not brought again, and less memory is taken than allowed.
    const free = plan(size(832, 480, 33));
    const bound = plan(size(832, 480, 33), { memoryBytes: 6 * GIB });
    const resident = plan(size(832, 480, 33), { residency: 'resident' });
    expect(free.streamedBytesPerStep).toBeGreaterThan(8 * GIB);
    expect(bound.streamedBytesPerStep).toBeLessThan(free.streamedBytesPerStep - 3 * GIB);
    expect(bound.peakBytes).toBeLessThanOrEqual(6 * GIB);
    expect(resident.streamedBytesPerStep).toBe(0);
    expect(resident.peakBytes).toBeGreaterThan(8.5 * GIB);
    expect(plan(size(832, 480, 33), { imageGiven: true }).encodeSeconds).toBeGreaterThan(free.encodeSeconds);
    expect(plan({ schedule: 'turbo', guidance: 1 })).toMatchObject({ steps: 4 });
    expect(plan({ guidance: 1 }).stepSeconds).toBeLessThan(0.6 * small.stepSeconds);
  });

  test('that cannot be says why, with both numbers', async () => {
    const model = await published('Comfy-Org/Wan_2.2_ComfyUI_Repackaged');
    const placement = { residency: 'resident', imageGiven: false, memoryBytes: 4 * GIB } as const;
    const plan = planClip(RECORDER, model, { ...model.info.defaults, ...size(832, 480, 33) }, placement, RATES);
    expect(plan.impossible).toMatch(/takes [\d,]+ MiB in all, and 4,096 MiB are allowed/);
    // The encoder sees the whole frame; it has no tiles.
    const large = { ...model.info.defaults, ...size(1280, 704, 5), guidance: 1 };
    const [without, withImage] = [false, true].map((imageGiven) =>
      planClip(RECORDER, model, large, { residency: 'stream', memoryBytes: 1.6 * GIB, imageGiven }, RATES),
    );
    expect(without!.impossible).toBeNull();
    expect(withImage!.impossible).toMatch(
      /first frame of 1280×704 takes 1,7\d\d MiB of GPU memory; 1,639 MiB are allowed/,
    );
    const wrong = { ...model.info.defaults, width: 100 };
    expect(() => planClip(RECORDER, model, wrong, placement, RATES)).toThrow('The width 100');
  });
});

test.for(['original', 'diffusers'] as const)('a LoRA of another alpha is another: %s', async (dialect) => {
  const printOf = async (alpha: number) => {
    const file = loraFile(dialect, [layerValues('blocks.0.self_attn.v.weight', [64, 64], 4, 1, alpha)]);
    return loraFingerprint(readLora(joinFiles([await openTensorFile(file)]))!);
  };
  expect(await printOf(8)).toBe(await printOf(8));
  expect(await printOf(8)).not.toBe(await printOf(4));
});
