import { expect, test } from 'vitest';
import { made } from '../../src/gpu/bind';
import { dispatchCount } from '../../src/gpu/program';
import { externalTensor } from '../../src/gpu/tensor';
import { createDenoiser } from '../../src/pipeline/denoiser';
import { readGolden } from '../../src/pipeline/golden';
import { readDitConfig } from '../../src/pipeline/read_config';
import { synthSource } from '../../src/pipeline/synth_source';
import type { WeightSource } from '../../src/pipeline/weight_source';
import { testContext } from '../support/evaluate';
import { goldenFile } from '../support/golden_file';

test('pipelines are made while weights load; a step makes no buffer, bind group or pipeline after the first, and a block is at most 20 dispatches a branch', async () => {
  const context = await testContext();
  const { config, file } = await readGolden(goldenFile('tiny-dit'));
  const dit = readDitConfig(config, file);
  const shape = { grid: { frames: 2, height: 3, width: 5 }, promptTokens: [7, 5], fixedTokens: 0, steps: 3 };
  const prompts = shape.promptTokens.map((count) => externalTensor('prompt', [count, dit.text_dim], 'f32'));
  await context.memory.allocate(prompts);
  const synthetic = synthSource(context, { type: 'bf16' });
  let compiling = 0;
  const source: WeightSource = {
    ...synthetic,
    fill(tensors, options) {
      compiling = context.pipelines.created;
      return synthetic.fill(tensors, options);
    },
  };
  const denoiser = await createDenoiser(context, source, dit, shape, {
    activation: 'f32',
    savings: true,
    residency: 'resident',
  });
  // Pipelines are made while weights load, and none is left to be made when a prompt comes.
  expect(compiling).toBeGreaterThan(10);
  const { created } = context.pipelines;
  await denoiser.setPrompts(prompts);
  await denoiser.setTimesteps([900, 500, 100]);
  expect(context.pipelines.created).toBe(created);

  const makes = { buffer: 0, bindGroup: 0, pipeline: 0, querySet: 0, module: 0, encoder: 0 };
  const { device } = context.device;
  const counted = {
    createBuffer: 'buffer',
    createBindGroup: 'bindGroup',
    createComputePipelineAsync: 'pipeline',
    createQuerySet: 'querySet',
    createShaderModule: 'module',
    createCommandEncoder: 'encoder',
  } as const;
  await denoiser.forward(0); // the first run makes the timestamps' read-back buffers
  for (const [method, what] of Object.entries(counted)) {
    const original = Reflect.get(device, method) as (...args: unknown[]) => unknown;
    Reflect.defineProperty(device, method, {
      configurable: true,
      value: (...args: unknown[]) => {
        makes[what] += 1;
        return original.apply(device, args);
      },
    });
  }
  try {
    const before = { ...made, buffers: context.memory.created, pipelines: context.pipelines.created };
    const runs = [...(await denoiser.forward(1)), ...(await denoiser.forward(2))];
    // A command buffer for each submit, one begun and not needed, and two copies of timesteps in each step.
    const submits = runs.reduce((sum, run) => sum + run.submits, 0);
    expect(runs).toHaveLength(2);
    const encoder = submits + runs.length + 2 * runs.length;
    expect(makes).toEqual({ buffer: 0, bindGroup: 0, pipeline: 0, querySet: 0, module: 0, encoder });
    expect({ ...made, buffers: context.memory.created, pipelines: context.pipelines.created }).toEqual(before);
    // Both branches go through a block together; even so it is fewer than one branch may have.
    for (const program of denoiser.programs) expect(dispatchCount(program)).toBeLessThanOrEqual(20);
  } finally {
    for (const method of Object.keys(counted)) Reflect.deleteProperty(device, method);
    denoiser.destroy();
    context.memory.free(prompts);
  }
});
