import { expect, test } from 'vitest';
import { made } from '../../src/gpu/bind';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import { bindSolver, solverSlots } from '../../src/sampling/bound_solver';
import { createSchedule, type SolverKind } from '../../src/sampling/schedule';
import { createSolver } from '../../src/sampling/solver';
import { testContext } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';
import { runSolver } from './run';

// The last step leaves no trace of earlier mistakes in x0, so every step is compared.
test.for(['unipc', 'dpm++', 'euler'] as const)(
  '%s follows its recipes on the GPU and makes nothing on the way',
  async (kind: SolverKind) => {
    const context = await testContext();
    const { memory, runner } = context;
    const shape = [3, 2, 5, 7];
    const solver = createSolver(kind, createSchedule(kind, 6, 5), 4);
    const start = noise(210, 1);
    const velocities = solver.steps.map((_, step) => [noise(210, 100 + step), noise(210, 200 + step)] as const);
    let step = 0;
    const expected = runSolver(solver, start, ({ conditional, unconditional }) => {
      conditional!.set(velocities[step]![0]);
      unconditional!.set(velocities[step++]![1]);
    });

    const slots = solverSlots(solver, shape);
    await memory.allocate([...slots.values()]);
    for (const tensor of slots.values()) writeNumbers(memory, tensor, new Float32Array(210).fill(Number.NaN));
    writeNumbers(memory, slots.get('sample')!, start);
    const bound = await bindSolver(context, solver, slots);
    const before = [made.bindGroups, made.uniformBuffers, memory.created];
    for (const [index, [conditional, unconditional]] of velocities.entries()) {
      writeNumbers(memory, slots.get('conditional')!, conditional);
      writeNumbers(memory, slots.get('unconditional')!, unconditional);
      await runner.run(bound.updates(index));
      expect(relL2(await readNumbers(memory, slots.get('sample')!), expected[index]!)).toBeLessThan(1e-6);
    }
    expect([made.bindGroups, made.uniformBuffers, memory.created]).toEqual(before);
    bound.destroy();
    memory.free([...slots.values()]);
  },
);

test('steps may be submitted without waiting for the one before', async () => {
  const context = await testContext();
  const { memory, runner } = context;
  const solver = createSolver('unipc', createSchedule('unipc', 8, 5));
  const start = noise(64, 1);
  const velocity = noise(64, 2);
  const expected = runSolver(solver, start, ({ conditional }) => conditional!.set(velocity)).at(-1)!;

  const slots = solverSlots(solver, [64]);
  await memory.allocate([...slots.values()]);
  writeNumbers(memory, slots.get('sample')!, start);
  writeNumbers(memory, slots.get('conditional')!, velocity);
  const bound = await bindSolver(context, solver, slots);
  await Promise.all(solver.steps.map((_, step) => runner.run(bound.updates(step))));
  expect(relL2(await readNumbers(memory, slots.get('sample')!), expected)).toBeLessThan(1e-6);
  bound.destroy();
  memory.free([...slots.values()]);
});
