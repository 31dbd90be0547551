import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { externalTensor, type Tensor } from '../../src/gpu/tensor';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import type { UploadWay } from '../../src/gpu/upload';
import { checkpointSource } from '../../src/pipeline/checkpoint_source';
import { createDenoiser, type Denoiser, type DenoiserShape } from '../../src/pipeline/denoiser';
import { readGolden } from '../../src/pipeline/golden';
import type { ComputeOptions } from '../../src/pipeline/options';
import { readTextConfig } from '../../src/pipeline/read_config';
import { encodePrompts } from '../../src/pipeline/text_stage';
import { verifyGolden } from '../../src/pipeline/verify';
import { textBlockWeights, textNormWeight } from '../../src/text/encoder';
import type { ByteSource } from '../../src/weights/byte_source';
import { testContext } from '../support/evaluate';
import { goldenFile } from '../support/golden_file';
import { noise } from '../support/gpu';
import { type CountedCheckpoint, synthCheckpoint } from '../support/synth_checkpoint';
import { type TinyDit, tinyDit } from '../support/tiny_dit';

/** Half a matrix of the tiny networks, so that matrices are cut. */
const TILE_BYTES = 16 * 1024;

describe('the published networks, with their weights streamed in small tiles', () => {
  const networks = ['tiny-t5', 'tiny-dit', 'tiny-dit-i2v'];
  const cases = networks.flatMap((name) => [true, false].map((savings) => ({ name, savings })));
  // The slowest: what stands between the networks goes by neither, and goldens.test.ts has them without savings.
  const pipelines = ['tiny-pipeline-t2v', 'tiny-pipeline-i2v'].map((name) => ({ name, savings: true }));
  test.for([...cases, ...pipelines])('$name, exact savings $savings', async ({ name, savings }) => {
    const rows = await verifyGolden(await testContext(), await readGolden(goldenFile(name)), {
      activation: 'f32',
      savings,
      residency: 'stream',
      tileBytes: TILE_BYTES,
    });
    expect(rows.length).toBeGreaterThan(0);
    for (const { pass, output, note } of rows)
      expect.soft({ output, pass, note }).toEqual({ output, pass: true, note: undefined });
  });
});

const SHAPE: DenoiserShape = {
  grid: { frames: 2, height: 3, width: 5 },
  promptTokens: [7, 5],
  fixedTokens: 0,
  steps: 3,
};
const STEPS = [900, 500, 100];

/** Velocities of all steps; reads are counted for the last alone. */
async function velocities(
  { dit, counted }: TinyDit,
  placement: Pick<ComputeOptions, 'residency' | 'memoryBytes' | 'tileBytes' | 'signal'>,
  onReady: (denoiser: Denoiser) => void = () => {},
) {
  const context = await testContext();
  const prompts = SHAPE.promptTokens.map((count) => externalTensor('prompt', [count, dit.text_dim], 'f32'));
  await context.memory.allocate(prompts);
  const options = { activation: 'f32', savings: true, ...placement } as const;
  const source = checkpointSource(context, counted.checkpoint);
  let denoiser: Denoiser | undefined;
  try {
    denoiser = await createDenoiser(context, source, dit, SHAPE, options);
    onReady(denoiser);
    prompts.forEach((prompt, i) => {
      writeNumbers(context.memory, prompt, noise(prompt.shape[0]! * dit.text_dim, i + 1));
    });
    const size = denoiser.latents.shape.reduce((product, length) => product * length, 1);
    writeNumbers(context.memory, denoiser.latents, noise(size, 9));
    await denoiser.setPrompts(prompts);
    await denoiser.setTimesteps(STEPS);
    const found: Float32Array[] = [];
    for (let step = 0; step < STEPS.length; step++) {
      // What the step before last brought ahead belongs to the last.
      if (step === STEPS.length - 2) counted.reset();
      await denoiser.forward(step);
      for (const velocity of denoiser.velocities) found.push(await readNumbers(context.memory, velocity));
    }
    return found;
  } finally {
    denoiser?.destroy();
    context.memory.free(prompts);
  }
}

describe('a denoiser', () => {
  test.for<UploadWay>(['write', 'mapped'])(
    'gives the same numbers, bit for bit, with any part of its weights resident, uploading by way of %s',
    async (way) => {
      (await testContext()).uploader.use(way);
      const tiny = await tinyDit();
      const expected = await velocities(tiny, { residency: 'resident' });
      const { memory } = await testContext();
      memory.resetPeak();
      let weightBytes = 0;
      await velocities(tiny, { residency: 'stream', memoryBytes: 2 ** 30, tileBytes: TILE_BYTES }, (all) => {
        weightBytes = all.residentBytes;
      });
      const allBytes = memory.peakBytes;
      // Of 0.9 all would stay: the activations take less, too.
      for (const share of [0.3, 0.5, 0.7]) {
        const budget = allBytes - (1 - share) * weightBytes;
        memory.resetPeak();
        const found = await velocities(
          tiny,
          { residency: 'stream', memoryBytes: budget, tileBytes: TILE_BYTES },
          ({ residentBytes, streamedBytes }) => {
            expect(residentBytes, `of ${weightBytes}`).toBeGreaterThan(0);
            expect(streamedBytes).toBeGreaterThan(0);
            expect(residentBytes + streamedBytes).toBe(weightBytes);
          },
        );
        expect(memory.peakBytes).toBeLessThanOrEqual(budget);
        found.forEach((values, i) => expect(values).toEqual(expected[i]));
      }
      (await testContext()).uploader.use('write');
    },
  );

  test('reads each byte of a streamed weight once a step, of a resident one never, and cross keys once a prompt', async () => {
    const tiny = await tinyDit();
    await velocities(tiny, { residency: 'stream', tileBytes: TILE_BYTES });
    // Steps 1 and 2 of three; step 1's first tiles may have come during step 0.
    const { least, most } = tiny.counted.readsOf('blocks.1.ffn.2.weight');
    expect([least, most]).toEqual([2, 2]);
    expect(tiny.counted.readsOf('blocks.1.cross_attn.k.weight')).toEqual({ least: 0, most: 0 });
    expect(tiny.counted.readsOf('text_embedding.0.weight')).toEqual({ least: 0, most: 0 });
    await velocities(tiny, { residency: 'resident' });
    expect(tiny.counted.readsOf('blocks.1.ffn.2.weight')).toEqual({ least: 0, most: 0 });
  });

  test('says with both numbers when the memory allowed is too little', async () => {
    const tiny = await tinyDit();
    const refusal = { code: 'out-of-memory', message: expect.stringMatching(/MiB.*MiB/) };
    await expect(velocities(tiny, { residency: 'resident', memoryBytes: 2 ** 20 })).rejects.toMatchObject(refusal);
    await expect(velocities(tiny, { residency: 'stream', memoryBytes: 2 ** 18 })).rejects.toMatchObject(refusal);
    expect((await testContext()).memory.bytes).toBe(0);
  });

  test('stops while weights are on their way, and tells the failure of a read', async () => {
    const tiny = await tinyDit();
    const { tensors } = tiny.counted.checkpoint;
    const name = 'blocks.1.ffn.2.weight';
    const withRead = (read: ByteSource['read']): CountedCheckpoint => {
      const stored = tensors.get(name)!;
      const source = { ...stored.source, read };
      return {
        ...tiny.counted,
        checkpoint: { ...tiny.counted.checkpoint, tensors: new Map([...tensors, [name, { ...stored, source }]]) },
      };
    };
    const placement = { residency: 'stream', tileBytes: TILE_BYTES } as const;
    const failing = withRead(() => Promise.reject(new Error('the disk is gone')));
    await expect(velocities({ ...tiny, counted: failing }, placement)).rejects.toThrow('the disk is gone');

    const stop = new AbortController();
    const stalled = withRead((_, __, signal) => {
      setTimeout(() => stop.abort(), 50);
      return new Promise((_, reject) => {
        signal!.addEventListener('abort', () => reject(new AppError('cancelled', 'Stopped.')));
      });
    });
    const began = performance.now();
    await expect(
      velocities({ ...tiny, counted: stalled }, { ...placement, signal: stop.signal }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - began).toBeLessThan(5000);
    expect((await testContext()).memory.bytes).toBe(0);
  });
});

test('the text encoder reads each weight once for two prompts, and of the embeddings only their rows', async () => {
  const context = await testContext();
  const { config, file } = await readGolden(goldenFile('tiny-t5'));
  const t5 = readTextConfig(config, file);
  const embedding = 'token_embedding.weight';
  const counted = await synthCheckpoint((ask) => {
    ask(embedding, [t5.vocab, t5.dim]);
    textNormWeight(ask, t5);
    for (let block = 0; block < t5.num_layers; block++) textBlockWeights(ask, t5, block);
  }, t5.dim_attn / t5.num_heads);
  const prompts = [
    [5, 9, 17, 1],
    [9, 1],
  ];
  const embeddings: Tensor[] = await encodePrompts(
    context,
    checkpointSource(context, counted.checkpoint),
    t5,
    prompts,
    { activation: 'f32', savings: true, residency: 'stream', tileBytes: TILE_BYTES },
  );
  context.memory.free(embeddings);
  for (const name of counted.checkpoint.tensors.keys())
    if (name !== embedding) expect(counted.readsOf(name), name).toEqual({ least: 1, most: 1 });
  const { beginByte } = counted.checkpoint.tensors.get(embedding)!;
  expect(beginByte).toBeGreaterThan(0);
  expect(counted.readsOf(embedding)).toEqual({ least: 0, most: 1 });
  expect(context.memory.bytes).toBe(0);
});
