import { expect, test } from 'vitest';
import { bindTogether } from '../../src/gpu/context';
import { record } from '../../src/gpu/program';
import { externalTensor } from '../../src/gpu/tensor';
import { matmul } from '../../src/kernels/matmul';
import { recorderOptions } from '../../src/pipeline/options';
import { testContext } from '../support/evaluate';

/** Left alone, Dawn's binding asks more than a hundred times a millisecond. */
const MOST_PER_MS = 40;

test('whoever waits for a software adapter asks seldom', async ({ skip }) => {
  const context = await testContext();
  if (!context.device.machine.software) skip('A GPU is asked as often as can be.');
  const { memory, runner } = context;
  const x = externalTensor('x', [256, 1024], 'f32');
  const weight = externalTensor('weight', [1024, 1024], 'f32');
  await memory.allocate([x, weight]);
  const { program } = record('long', recorderOptions(context, 'f32'), (r) => {
    for (let i = 0; i < 6; i++) matmul(r, x, weight, { label: 'long' });
  });
  const bound = await bindTogether(context, [program]);
  const { setImmediate } = globalThis;
  let questions = 0;
  try {
    await runner.run(bound.programs);
    globalThis.setImmediate = Object.assign((...call: Parameters<typeof setImmediate>) => {
      questions += 1;
      return setImmediate(...call);
    }, setImmediate) as typeof setImmediate;
    const { wallSeconds } = await runner.run(bound.programs);
    expect(wallSeconds).toBeGreaterThan(0.02);
    expect(questions).toBeGreaterThan(0);
    expect(questions / (wallSeconds * 1000)).toBeLessThan(MOST_PER_MS);
  } finally {
    globalThis.setImmediate = setImmediate;
    bound.destroy();
    memory.free([x, weight]);
  }
});
