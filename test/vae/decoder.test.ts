import { beforeAll, describe, expect, test } from 'vitest';
import { made } from '../../src/gpu/bind';
import { bindTogether } from '../../src/gpu/context';
import { record } from '../../src/gpu/program';
import { externalTensor, type Tensor } from '../../src/gpu/tensor';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import { loadCoder, plantCoder } from '../../src/pipeline/coder_weights';
import { type Golden, readGolden } from '../../src/pipeline/golden';
import { readVaeConfig } from '../../src/pipeline/read_config';
import { synthSource } from '../../src/pipeline/synth_source';
import { decodeChunk, framesAtOnce } from '../../src/vae/decoder';
import { decoderWeights } from '../../src/vae/weights';
import { isSwiftShader, testContext } from '../support/evaluate';
import { goldenFile } from '../support/golden_file';
import { noise, relL2 } from '../support/gpu';
import { runGolden } from './golden_run';

describe('decoder', () => {
  let golden: Golden;
  beforeAll(async () => {
    golden = await readGolden(goldenFile('tiny-vae-decode'));
  });

  // The goldens' outputs are checked in test/pipeline; these are the values on the way there.
  test.for([true, false])('has the published values at every tap, savings %s', async (savings, { skip }) => {
    // What the savings leave out is the same on every adapter, and this one takes seconds to compile for it.
    if (!savings && (await isSwiftShader())) return skip();
    const { taps } = await runGolden(golden, { savings });
    const compared = [...taps].filter(([name]) => golden.taps.has(name));
    expect(compared).toHaveLength(golden.taps.size);
    for (const [name, values] of compared) expect(relL2(values, golden.taps.get(name)!), name).toBeLessThan(1e-5);
  });

  test('makes no buffer, bind group or pipeline for a later chunk', async () => {
    const { memory, pipelines } = await testContext();
    const counts: object[] = [];
    await runGolden(golden, {
      tap: undefined,
      onBlock: () => counts.push({ buffers: memory.created, pipelines: pipelines.created, ...made }),
    });
    expect(counts).toHaveLength(3);
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[2]).toEqual(counts[0]);
  });

  // Two videos one after the other in the same memory: the second must not see the first.
  test('gives the same frames again, and with its last stages a frame at a time', async () => {
    const context = await testContext();
    const { memory, runner } = context;
    const config = readVaeConfig(golden.config, golden.file);
    const source = synthSource(context, { type: 'bf16' });
    const coder = plantCoder(source, (ask, kernel) => decoderWeights(ask, kernel, config, true));
    const unload = await loadCoder(context, source, coder, {});
    const latents = externalTensor('latents', [1, 2, 2, config.z_dim], 'f32');
    const own = new Map<string, Tensor>([['latents', latents]]);
    const past = (name: string, shape: readonly number[]) => {
      own.set(name, own.get(name) ?? externalTensor(name, shape, 'f32'));
      return own.get(name)!;
    };
    const frames = [1, 4].map((count) => externalTensor('frames', [count, 16, 16, 12], 'f32'));
    const programs = [1024 ** 3, 1].flatMap((windowBytes) =>
      [true, false].map(
        (first) =>
          record('decode', { activation: 'f32', software: true }, (r) => {
            const chunk = { first, savings: true, past, windowBytes, tap: () => {} };
            r.copy('frames', decodeChunk(r, chunk, config, coder.weights, latents), frames[first ? 0 : 1]!);
          }).program,
      ),
    );
    await memory.allocate([...own.values(), ...frames]);
    const bound = await bindTogether(context, programs);
    try {
      const videos: Float32Array[][] = [];
      for (const [first, next] of [
        [0, 1],
        [0, 1],
        [2, 3],
      ] as const) {
        const video: Float32Array[] = [];
        for (const [chunk, program] of [first, next].entries()) {
          writeNumbers(memory, latents, noise(4 * config.z_dim, chunk + 1));
          await runner.run([bound.programs[program]!]);
          video.push(await readNumbers(memory, frames[chunk]!));
        }
        videos.push(video);
      }
      expect(videos[1]).toEqual(videos[0]);
      expect(videos[2]).toEqual(videos[0]);
    } finally {
      bound.destroy();
      memory.free([...own.values(), ...frames]);
      unload();
    }
  });

  test('takes as many frames at once as fit', () => {
    const windows = [
      { height: 3, width: 5, channels: 8 },
      { height: 6, width: 10, channels: 4 },
    ];
    // The second window is the larger: two frames of the past and the present ones, 7 · 11 positions of 16 bytes each.
    const atOnce = (x: Tensor) => [6, 4, 3, 1].map((frames) => framesAtOnce(x, windows, frames * 7 * 11 * 16));
    expect(atOnce(externalTensor('x', [4, 4, 4, 8], 'f32'))).toEqual([4, 2, 1, 1]);
    // One frame of 480 bytes would not begin where a binding may, and neither would two.
    expect(atOnce(externalTensor('x', [4, 3, 5, 8], 'f32'))).toEqual([4, 4, 4, 4]);
  });
});
