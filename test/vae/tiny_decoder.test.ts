import { expect, test } from 'vitest';
import { bindTogether } from '../../src/gpu/context';
import { record } from '../../src/gpu/program';
import { externalTensor, type Tensor } from '../../src/gpu/tensor';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import { loadCoder, plantCoder } from '../../src/pipeline/coder_weights';
import { synthSource } from '../../src/pipeline/synth_source';
import { decodeTinyChunk } from '../../src/vae/tiny_decoder';
import { type TinyConfig, tinyWeights } from '../../src/vae/tiny_weights';
import { testContext } from '../support/evaluate';
import { noise } from '../support/gpu';

const CONFIG: TinyConfig = { z_dim: 8, patch_size: 2, channels: [16, 12, 8, 8], time_upscale: [false, true, true] };

// The published numbers are held by the golden file; these are the ways to the same ones.
test('gives the same frames with its last convolutions one frame at a time, and without the first ones', async () => {
  const context = await testContext();
  const { memory, runner } = context;
  const source = synthSource(context, { type: 'bf16' });
  const coder = plantCoder(source, (ask, kernel) => tinyWeights(ask, kernel, CONFIG, true));
  const unload = await loadCoder(context, source, coder, {});
  const latents = externalTensor('latents', [1, 3, 2, CONFIG.z_dim], 'f32');
  const own = new Map<string, Tensor>([['latents', latents]]);
  const past = (name: string, shape: readonly number[]) => {
    own.set(name, own.get(name) ?? externalTensor(name, shape, 'f32'));
    return own.get(name)!;
  };
  const ways = [
    { windowBytes: 2 ** 30, dropped: 0 },
    { windowBytes: 1, dropped: 0 },
    { windowBytes: 1, dropped: 3 },
  ];
  const results = ways.map(({ dropped }) => externalTensor('raw', [4 - dropped, 24, 16, 12], 'f32'));
  const programs = ways.map(
    ({ windowBytes, dropped }, i) =>
      record('decode', { activation: 'f32', software: true }, (r) => {
        const chunk = { first: true, savings: true, past, windowBytes, tap: () => {} };
        r.copy('raw', decodeTinyChunk(r, chunk, CONFIG, coder.weights, latents, dropped), results[i]!);
      }).program,
  );
  await memory.allocate([...own.values(), ...results]);
  const bound = await bindTogether(context, programs);
  try {
    writeNumbers(memory, latents, noise(6 * CONFIG.z_dim, 1));
    await runner.run(bound.programs);
    const [whole, parted, last] = await Promise.all(results.map((result) => readNumbers(memory, result)));
    expect(programs[1]!.commands.length).toBeGreaterThan(programs[0]!.commands.length);
    expect(whole!.some((value) => value !== 0)).toBe(true);
    expect(parted).toEqual(whole);
    expect(last).toEqual(whole!.slice(-last!.length));
  } finally {
    bound.destroy();
    memory.free([...own.values(), ...results]);
    unload();
  }
});
