/** Several videos in one forward: the numbers that each alone gets, with every weight read once. */
import { describe, expect, test } from 'vitest';
import { dispatchCount } from '../../src/gpu/program';
import { elements, externalTensor } from '../../src/gpu/tensor';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import { checkpointSource } from '../../src/pipeline/checkpoint_source';
import { createDenoiser, type Denoiser } from '../../src/pipeline/denoiser';
import { type DenoiserShape, recordDenoiser } from '../../src/pipeline/denoiser_programs';
import type { ComputeOptions } from '../../src/pipeline/options';
import { testContext } from '../support/evaluate';
import { noise } from '../support/gpu';
import { type TinyDit, tinyDit } from '../support/tiny_dit';

const TIMESTEPS = [900, 500];
/** Prompts by their lengths, and the seed of each one's embeddings. */
const PROMPTS = [7, 5, 3] as const;
const SHAPE = { grid: { frames: 2, height: 3, width: 5 }, fixedTokens: 0, steps: TIMESTEPS.length };
/** Two videos with prompts of their own and one negative prompt. */
const BATCH = [
  [0, 1],
  [2, 1],
] as const;

/** Each branch's velocities after the last step, and how often a weight was read for both. */
async function velocities(
  { dit, counted }: TinyDit,
  { prompts, batch, videos }: { prompts: readonly number[]; batch?: DenoiserShape['batch']; videos: readonly number[] },
  options: Pick<ComputeOptions, 'savings' | 'residency' | 'memoryBytes'>,
): Promise<{ found: Float32Array[]; reads: number; dispatches: number }> {
  const context = await testContext();
  const { memory } = context;
  const promptTokens = prompts.map((prompt) => PROMPTS[prompt]!);
  const texts = promptTokens.map((count) => externalTensor('prompt', [count, dit.text_dim], 'f32'));
  let denoiser: Denoiser | undefined;
  try {
    await memory.allocate(texts);
    const shape = { ...SHAPE, promptTokens, batch };
    const compute = { activation: 'f32', tileBytes: 16 * 1024, ...options } as const;
    denoiser = await createDenoiser(context, checkpointSource(context, counted.checkpoint), dit, shape, compute);
    texts.forEach((text, i) => writeNumbers(memory, text, noise(elements(text.shape), 1 + prompts[i]!)));
    const each = elements(denoiser.latents.shape) / videos.length;
    writeNumbers(memory, denoiser.latents, Float32Array.from(videos.flatMap((video) => [...noise(each, 9 + video)])));
    await denoiser.setPrompts(texts);
    await denoiser.setTimesteps(TIMESTEPS);
    counted.reset();
    await denoiser.forward(0);
    await denoiser.forward(1);
    const found: Float32Array[] = [];
    for (const velocity of denoiser.velocities) found.push(await readNumbers(memory, velocity));
    const dispatches = dispatchCount(denoiser.programs[1]!); // of the first block
    return { found, reads: counted.readsOf('blocks.1.ffn.2.weight').most, dispatches };
  } finally {
    denoiser?.destroy();
    memory.free(texts);
  }
}

describe('a batch of two', () => {
  test.for([
    { residency: 'resident', savings: true },
    { residency: 'stream', savings: true },
    { residency: 'resident', savings: false },
  ] as const)('gives each video what it gets alone, bit for bit: %j', async (options, { skip }) => {
    // What the savings leave out is the same on every adapter.
    if (!options.savings && /swiftshader/i.test((await testContext()).device.machine.adapter)) return skip();
    const tiny = await tinyDit();
    const together = await velocities(tiny, { prompts: [0, 1, 2], batch: BATCH, videos: [0, 1] }, options);
    expect(together.reads).toBe(options.residency === 'stream' ? TIMESTEPS.length : 0);
    for (const [video, prompts] of BATCH.entries()) {
      const alone = await velocities(tiny, { prompts, videos: [video] }, options);
      alone.found.forEach((values, branch) => {
        const { length } = values;
        expect(together.found[branch]!.slice(video * length, (video + 1) * length)).toEqual(values);
      });
    }
    expect((await testContext()).memory.bytes).toBe(0);
  });

  test('goes through a block branch by branch where memory is short, and gets the same, bit for bit', async () => {
    const tiny = await tinyDit();
    const all = { prompts: [0, 1, 2], batch: BATCH, videos: [0, 1] };
    const roomy = await velocities(tiny, all, { residency: 'stream', savings: true });
    const close = await velocities(tiny, all, { residency: 'stream', savings: true, memoryBytes: 1.2e6 });
    expect(close.dispatches).toBeGreaterThan(3 * roomy.dispatches);
    expect(close.found).toEqual(roomy.found);
    expect(close.reads).toBeLessThanOrEqual(TIMESTEPS.length); // still once for all branches
  });

  test('is refused where its prompts do not fit', async () => {
    const { dit, counted } = await tinyDit();
    const source = checkpointSource(await testContext(), counted.checkpoint);
    const plan = (batch: DenoiserShape['batch']) => () =>
      recordDenoiser(
        { activation: 'f32' },
        source,
        dit,
        { ...SHAPE, promptTokens: [7, 5], batch },
        { savings: true, residency: 'stream' },
      );
    expect(plan([[0, 1], [1]])).toThrow('Video 2 of the batch has 1 prompts and the first 2');
    expect(plan([[0, 2]])).toThrow('Video 1 of the batch wants prompt 3, and there are 2');
    expect(plan([])).toThrow('0 videos');
  });
});
