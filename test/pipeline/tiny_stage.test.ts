/** The tiny decoder as previews and a run use it: from its published file, again and again, in bounded memory. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { GpuContext } from '../../src/gpu/context';
import { externalTensor, type Tensor } from '../../src/gpu/tensor';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import { pthFile, type SynthTensor, safetensorsFile } from '../../src/hub/weight_files';
import { expectedTensors, WAN22_SIZES } from '../../src/pipeline/expected_tensors';
import { readGolden } from '../../src/pipeline/golden';
import { recorderOptions } from '../../src/pipeline/options';
import { synthSource } from '../../src/pipeline/synth_source';
import { tinyModel, tinyPass, tinyPeakBytes } from '../../src/pipeline/tiny_pass';
import { decodeTiny, openTinyDecoder, type TinyDecodeOptions, type TinyDecoder } from '../../src/pipeline/tiny_stage';
import { verifyGolden } from '../../src/pipeline/verify';
import type { TinyConfig } from '../../src/vae/tiny_weights';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { inspect } from '../../src/weights/inspection';
import { testContext } from '../support/evaluate';
import { goldenFile } from '../support/golden_file';
import { noise } from '../support/gpu';
import { WAN22_TENSORS } from '../support/wan22_tensors';

describe('the published file', () => {
  const FORMATS = { safetensors: safetensorsFile, pth: pthFile };
  const tensors = WAN22_TENSORS.filter(({ network }) => network === 'tiny').map(
    ({ theirs, original, shape }): SynthTensor => ({ name: theirs, original, shape, type: 'f16', headDim: 1 }),
  );
  const open = async (format: keyof typeof FORMATS) => {
    const { path, bytes, read } = FORMATS[format](`taew2_2.${format}`, tensors);
    return joinFiles([await openTensorFile({ name: path, bytes, read })]);
  };

  test.for(['safetensors', 'pth'] as const)('is complete in the format %s', async (format) => {
    const { networks, others } = inspect(await open(format), expectedTensors(WAN22_SIZES));
    expect(networks).toMatchObject([
      { network: 'tiny', tensors: 128, parameters: 11_418_108, missing: [], unexpected: [], differing: [] },
    ]);
    expect(others).toEqual([]);
  });

  test('gives the published results', async () => {
    const golden = await readGolden(goldenFile('tiny-decoder-taew2_2'));
    const checkpoint = await open('pth');
    const rows = await verifyGolden(await testContext(), golden, { activation: 'f32', savings: true, checkpoint });
    expect(rows.map(({ output, pass, note }) => ({ output, pass, note }))).toEqual(
      ['out.raw', 'out.frames'].map((output) => ({ output, pass: true, note: undefined })),
    );
  });
});

describe('a small decoder of the kind', () => {
  const CONFIG: TinyConfig = { z_dim: 8, patch_size: 2, channels: [16, 12, 8, 8], time_upscale: [false, true, true] };
  const SETTINGS = { activation: 'f32', savings: true } as const;
  const [HEIGHT, WIDTH] = [3, 2];
  let context: GpuContext;
  beforeAll(async () => {
    context = await testContext();
  });
  const open = (settings = SETTINGS) =>
    openTinyDecoder(context, synthSource(context, { type: 'bf16' }), CONFIG, settings);

  /** Latents of which those of a shorter video are the beginning. */
  async function withLatents<T>(count: number, use: (latents: Tensor) => Promise<T>): Promise<T> {
    const latents = externalTensor('latents', [CONFIG.z_dim, count, HEIGHT, WIDTH], 'f32');
    const area = HEIGHT * WIDTH;
    const longest = noise(CONFIG.z_dim * 9 * area, 1);
    const values = Array.from({ length: CONFIG.z_dim }, (_, c) => [
      ...longest.subarray(c * 9 * area, (c * 9 + count) * area),
    ]);
    await context.memory.allocate([latents]);
    try {
      writeNumbers(context.memory, latents, values.flat());
      return await use(latents);
    } finally {
      context.memory.free([latents]);
    }
  }

  async function framesOf(decoder: TinyDecoder, latents: Tensor, options: TinyDecodeOptions = {}) {
    const found: { first: number; shape: readonly number[]; values: Float32Array }[] = [];
    await decoder.decode(latents, {
      ...options,
      async onFrames(frames, first) {
        found.push({ first, shape: frames.shape, values: await readNumbers(context.memory, frames) });
      },
    });
    return found;
  }

  test('gives one frame, then four for each latent frame, as the VAE’s decoder does', async () => {
    const decoder = await open();
    try {
      const found = await withLatents(3, (latents) => framesOf(decoder, latents));
      expect(found.map(({ first, shape }) => [first, shape])).toEqual([
        [0, [3, 1, 48, 32]],
        [1, [3, 4, 48, 32]],
        [5, [3, 4, 48, 32]],
      ]);
      const values = found.flatMap((chunk) => [...chunk.values]);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
      expect(Math.max(...values)).toBeLessThanOrEqual(1);
      expect(new Set(values).size).toBeGreaterThan(1000);
    } finally {
      decoder.destroy();
    }
  });

  test('gives the same frames again, with what is inside them read, and to the caller who keeps nothing', async () => {
    const before = context.memory.bytes;
    const decoder = await open();
    try {
      await withLatents(2, async (latents) => {
        const all = await framesOf(decoder, latents);
        expect(await framesOf(decoder, latents)).toEqual(all);
        const taps: string[] = [];
        expect(await framesOf(decoder, latents, { tap: (name) => taps.push(name) })).toEqual(all);
        expect(taps).toEqual(['raw.chunk0', 'raw.chunk1']);
        const once: Float32Array[] = [];
        await decodeTiny(context, synthSource(context, { type: 'bf16' }), CONFIG, latents, {
          ...SETTINGS,
          residency: 'resident',
          onFrames: async (frames) => void once.push(await readNumbers(context.memory, frames)),
        });
        expect(once).toEqual(all.map(({ values }) => values));
      });
    } finally {
      decoder.destroy();
    }
    expect(context.memory.bytes).toBe(before);
  });

  test('takes as much memory for nine latent frames as for two, beside the latents', async () => {
    const decoder = await open();
    try {
      const peaks: number[] = [];
      for (const count of [2, 9])
        await withLatents(count, async (latents) => {
          const resident = context.memory.bytes;
          context.memory.resetPeak();
          await decoder.decode(latents, {});
          peaks.push(context.memory.peakBytes - resident);
          expect(context.memory.bytes).toBe(resident);
        });
      expect(peaks[0]).toBeGreaterThan(0);
      expect(peaks[1]).toBe(peaks[0]);
    } finally {
      decoder.destroy();
    }
  });

  test('computes the next frames while those before are taken', async () => {
    const decoder = await open();
    try {
      await withLatents(3, async (latents) => {
        let runs = 0;
        const before: [number, number][] = [];
        await decoder.decode(latents, {
          onRun: () => void runs++,
          async onFrames(frames, first) {
            const chunk = before.push([first, runs]);
            await readNumbers(context.memory, frames);
            while (chunk < 3 && runs === chunk) await new Promise((resolve) => setTimeout(resolve, 1));
          },
        });
        // A chunk is taken when it is there, and let go only when the next is.
        expect(before).toEqual([
          [0, 1],
          [1, 2],
          [5, 3],
        ]);
      });
    } finally {
      decoder.destroy();
    }
  });

  test('stops between latent frames, and gives back all but its weights', async () => {
    const decoder = await open();
    try {
      await withLatents(4, async (latents) => {
        const resident = context.memory.bytes;
        const stop = new AbortController();
        const seen: number[] = [];
        const onFrames = async (_: Tensor, first: number) => {
          seen.push(first);
          if (first === 1) stop.abort();
        };
        await expect(decoder.decode(latents, { signal: stop.signal, onFrames })).rejects.toMatchObject({
          code: 'cancelled',
        });
        expect(seen).toEqual([0, 1]);
        expect(context.memory.bytes).toBe(resident);
        const failing = decoder.decode(latents, { onFrames: () => Promise.reject(new Error('the disk is full')) });
        await expect(failing).rejects.toThrow('the disk is full');
        expect(context.memory.bytes).toBe(resident);
      });
    } finally {
      decoder.destroy();
    }
  });

  test('takes what its plan says, and refuses with both numbers to take more than is allowed', async () => {
    const { memory } = context;
    const decodeIn = (memoryBytes?: number) =>
      withLatents(2, async (latents) => {
        const source = synthSource(context, { type: 'bf16' });
        const model = tinyModel(source, CONFIG, recorderOptions(context, 'f32'), true);
        const planned = tinyPeakBytes(model, tinyPass(model, latents), { besidesBytes: memory.bytes });
        memory.resetPeak();
        const options = { ...SETTINGS, residency: 'resident', memoryBytes } as const;
        await decodeTiny(context, source, CONFIG, latents, options);
        return { planned, taken: memory.peakBytes };
      });
    const { planned, taken } = await decodeIn();
    expect(taken).toBe(planned);
    expect(await decodeIn(planned)).toEqual({ planned, taken });
    await expect(decodeIn(planned - 1)).rejects.toMatchObject({
      code: 'out-of-memory',
      message: expect.stringMatching(/takes 1 MiB .* 1 MiB are allowed/),
    });
    expect(memory.bytes).toBe(0);
  });

  test('refuses latents of another width', async () => {
    const decoder = await open();
    const latents = externalTensor('latents', [4, 1, 2, 2], 'f32');
    await context.memory.allocate([latents]);
    try {
      await expect(decoder.decode(latents, {})).rejects.toMatchObject({
        code: 'shape-mismatch',
        message: expect.stringContaining('4,1,2,2'),
      });
    } finally {
      context.memory.free([latents]);
      decoder.destroy();
    }
  });
});
