/** What the adapter can do at best, by a loop of nothing but multiply-adds: it takes its turn like the engines. */
import { bindTogether, type GpuContext } from '../../src/gpu/context';
import { record } from '../../src/gpu/program';
import { externalTensor } from '../../src/gpu/tensor';
import { roofFma } from '../../src/kernels/roof_fma';
import type { Activation } from './work';

/** Long against starting and waiting. */
const SECONDS = 0.1;
/** On a busy machine one run may take long without computing much; of several the shortest tells. */
const REPEATS = 3;

export interface Roof {
  /** FLOP/s now. */
  rate(): Promise<number>;
  release(): void;
}

export async function openRoof(context: GpuContext, type: Activation): Promise<Roof> {
  const { memory, runner, device } = context;
  // Several times what the largest GPU runs at once.
  const result = externalTensor('roof', [device.machine.software ? 4096 : 1 << 22, 4], type);
  await memory.allocate([result]);
  for (let rounds = 4; ; rounds *= 2) {
    const { program } = record('roof', { activation: type }, (r) => roofFma(r, result, rounds));
    const bound = await bindTogether(context, [program]);
    const release = () => {
      bound.destroy();
      memory.free([result]);
    };
    const seconds = async () => (await runner.run(bound.programs)).wallSeconds;
    await seconds(); // compiles
    let shortest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < REPEATS && shortest >= SECONDS; i++) shortest = Math.min(shortest, await seconds());
    if (shortest >= SECONDS) return { rate: async () => program.cost.flops / (await seconds()), release };
    bound.destroy();
  }
}
