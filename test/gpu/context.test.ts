import { expect, test, vi } from 'vitest';
import { made } from '../../src/gpu/bind';
import { bindTogether, runOnce } from '../../src/gpu/context';
import { Pipelines } from '../../src/gpu/pipelines';
import { type Recorder, record } from '../../src/gpu/program';
import { externalTensor } from '../../src/gpu/tensor';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import { matmul } from '../../src/kernels/matmul';
import { testContext, testDevice } from '../support/evaluate';
import { noise } from '../support/gpu';

// The products' form for CPUs: the one for GPUs takes a software adapter seconds to compile.
const settings = { activation: 'f32', software: true } as const;

/** y = (x · wᵀ) · wᵀ: one scratch tensor between the two products. */
async function twice(rows: number) {
  const { memory } = await testContext();
  const x = externalTensor('x', [rows, 8], 'f32');
  const w = externalTensor('w', [8, 8], 'f32');
  const y = externalTensor('y', [rows, 8], 'f32');
  await memory.allocate([x, w, y]);
  writeNumbers(memory, x, noise(rows * 8, 1));
  writeNumbers(memory, w, noise(64, 2));
  writeNumbers(memory, y, new Float32Array(rows * 8));
  const build = (r: Recorder) => matmul(r, matmul(r, x, w, { label: 'once' }), w, { label: 'twice', addTo: y });
  return { build, tensors: [x, w, y], y };
}

test('a one-off program of any size leaves programs bound before it as they were', async () => {
  const context = await testContext();
  const { memory, runner } = context;
  const kept = await twice(3);
  const group = await bindTogether(context, [record('kept', settings, kept.build).program]);
  await runner.run(group.programs);
  const once = await readNumbers(memory, kept.y);

  const other = await twice(500);
  const [bytes, uniforms] = [memory.bytes, made.uniformBuffers];
  await runOnce(context, 'other', settings, other.build);
  expect(memory.bytes).toBe(bytes);
  expect(made.uniformBuffers).toBe(uniforms + 1);

  await runner.run(group.programs);
  const doubled = await readNumbers(memory, kept.y);
  expect(doubled).toEqual(once.map((value) => 2 * value));
  group.destroy();
  memory.free([...kept.tensors, ...other.tensors]);
});

test('programs bound together share scratch as large as the largest needs', async () => {
  const context = await testContext();
  const { memory, runner } = context;
  const parts = [await twice(3), await twice(70), await twice(5)];
  const bytes = memory.bytes;
  const programs = parts.map(({ build }) => record('part', settings, build).program);
  const group = await bindTogether(context, programs);
  expect(memory.bytes - bytes).toBe(70 * 8 * 4);
  await runner.run(group.programs);
  // The same first rows in all of them.
  const [first, second, third] = await Promise.all(parts.map(({ y }) => readNumbers(memory, y)));
  expect(second!.slice(0, 24)).toEqual(first);
  expect(third!.slice(0, 24)).toEqual(first);
  group.destroy();
  expect(memory.bytes).toBe(bytes);
  memory.free(parts.flatMap(({ tensors }) => tensors));
});

test('a program that cannot be compiled gives its scratch back', async () => {
  const context = await testContext();
  const bytes = context.memory.bytes;
  const broken = (r: Recorder) => {
    const target = r.tensor('target', [4], 'f32');
    r.dispatch({
      label: 'broken',
      shader: { name: 'broken', code: 'fn broken() { return 1; }' },
      bindings: { 1: target },
      params: new Uint32Array(4),
      groups: 1,
      cost: { flops: 0, bytes: 0 } as never,
    });
  };
  await expect(runOnce(context, 'broken', settings, broken)).rejects.toMatchObject({ code: 'shader-invalid' });
  expect(context.memory.bytes).toBe(bytes);
});

test('a pipeline that was not made for no fault of its shader is made the next time', async () => {
  const { device } = await testDevice();
  const context = { ...(await testContext()), pipelines: new Pipelines(device) };
  const next = await twice(2);
  const reason = Object.assign(new Error('out of host memory'), { reason: 'internal' });
  const failing = vi.spyOn(device, 'createComputePipelineAsync').mockRejectedValue(reason);
  const first = runOnce(context, 'first', settings, next.build).finally(() => failing.mockRestore());
  await expect(first).rejects.toMatchObject({ code: 'gpu-failed', message: expect.stringContaining('host memory') });
  await runOnce(context, 'second', settings, next.build);
  context.memory.free(next.tensors);
});

test('a command that the GPU refuses ends the run, instead of giving times of work not done', async () => {
  const context = await testContext();
  const { memory, runner } = context;
  const { build, tensors, y } = await twice(5);
  const group = await bindTogether(context, [record('refused', settings, build).program]);
  await runner.run(group.programs);
  memory.bufferOf(y).destroy();
  await expect(runner.run(group.programs)).rejects.toMatchObject({ code: 'gpu-failed' });
  group.destroy();
  memory.free(tensors);
  // And the next run is not blamed for it.
  const next = await twice(2);
  await runOnce(context, 'next', settings, next.build);
  memory.free(next.tensors);
});

test('a dispatch split into many pieces gives what it gives whole', async () => {
  const context = await testContext();
  const { memory, runner } = context;
  const whole = await twice(200);
  await runOnce(context, 'whole', settings, whole.build);
  const expected = await readNumbers(memory, whole.y);
  const { ceiling } = runner;
  const split = await twice(200);
  try {
    runner.calibrate({ flopsPerSecond: 4e4, bytesPerSecond: 1e12 }); // a few tiles take as long as a dispatch may
    const { time } = await runOnce(context, 'split', settings, split.build);
    expect(time.dispatches).toBeGreaterThan(8); // of two
    expect(await readNumbers(memory, split.y)).toEqual(expected);
  } finally {
    runner.calibrate(ceiling);
    memory.free([...whole.tensors, ...split.tensors]);
  }
});

test('tells of programs as they are done, in as many submits as they take', async () => {
  const { runner, memory, ...context } = await testContext();
  const parts = [await twice(3), await twice(70), await twice(5)];
  const programs = parts.map(({ build }) => record('part', settings, build).program);
  const group = await bindTogether({ runner, memory, ...context }, programs);
  const rate = runner.ceiling;
  for (const { ceiling, told } of [
    { ceiling: rate, told: [3] },
    // So slow that each dispatch is thought to take longer than a submit may.
    { ceiling: { flopsPerSecond: 1, bytesPerSecond: 1 }, told: [1, 2, 3] },
  ]) {
    const done: number[] = [];
    runner.calibrate(ceiling);
    await runner.run(group.programs, { onPrograms: (count) => done.push(count) });
    expect(done).toEqual(told);
  }
  runner.calibrate(rate);
  group.destroy();
  memory.free(parts.flatMap(({ tensors }) => tensors));
});
