/** The solvers alone, on the GPU, with a formula in the place of the network. */
import * as v from 'valibot';
import { AppError } from '../core/errors';
import type { GpuContext } from '../gpu/context';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import { bindSolver, solverSlots } from '../sampling/bound_solver';
import { createSchedule } from '../sampling/schedule';
import { createSolver } from '../sampling/solver';
import { read } from './read_config';
import type { StageInputs, StageOutputs } from './stages';

const schema = v.object({
  solver: v.picklist(['unipc', 'dpm++', 'euler']),
  steps: v.number(),
  shift: v.number(),
});

/** in.noise, in.target → out.timesteps, out.sigmas, out.trajectory */
export async function runScheduler(
  context: GpuContext,
  config: unknown,
  inputs: StageInputs,
  where: string,
): Promise<StageOutputs> {
  const { solver: kind, steps, shift } = read(schema, config, where);
  const noise = inputs.get('in.noise');
  const target = inputs.get('in.target')?.values;
  if (!noise || target?.length !== noise.values.length)
    throw new AppError('file-invalid', `${where}: in.noise and in.target are needed, of one size.`);

  const { memory, runner } = context;
  const schedule = createSchedule(kind, steps, shift);
  const solver = createSolver(kind, schedule);
  const slots = solverSlots(solver, noise.shape);
  await memory.allocate([...slots.values()]);
  const bound = await bindSolver(context, solver, slots);
  try {
    const sample = slots.get('sample')!;
    const trajectory = new Float32Array(solver.steps.length * target.length);
    writeNumbers(memory, sample, noise.values);
    for (const [step, { timestep }] of solver.steps.entries()) {
      const x = await readNumbers(memory, sample);
      writeNumbers(
        memory,
        slots.get('conditional')!,
        x.map((value, i) => 0.5 * Math.sin(value) + 0.3 * (value - target[i]!) + (0.1 * timestep) / 1000),
      );
      await runner.run(bound.updates(step));
      trajectory.set(await readNumbers(memory, sample), step * target.length);
    }
    return new Map([
      ['out.timesteps', Float32Array.from(schedule.timesteps)],
      ['out.sigmas', Float32Array.from(schedule.sigmas)],
      ['out.trajectory', trajectory],
    ]);
  } finally {
    bound.destroy();
    memory.free([...slots.values()]);
  }
}
