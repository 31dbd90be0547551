/**
 * What a GPU makes of the model's commonest work, before programs are bound: dispatches are split by the rate they are
 * expected to run at, and what is assumed of a GPU nobody has measured fits small ones. At that rate an H100's attention
 * over 36,080 tokens was cut into 160 pieces, each too small to fill it: a step took 15.2 s instead of 11.0.
 */
import { nowMs } from '../core/clock';
import { bindTogether, type GpuContext } from '../gpu/context';
import { record } from '../gpu/program';
import { externalTensor } from '../gpu/tensor';
import { matmul } from '../kernels/matmul';
import { fillInputs } from './input_values';
import { activationFor, recorderOptions } from './options';

/** Tiles for 128 processors or more, in 28 MiB, and a twentieth of a second where 0.2 TFLOP/s are reached. */
const SHAPE = { rows: 2048, columns: 2048, depth: 1024 } as const;
/** Of one run, so that its beginning and end do not count. */
const CALLS = 8;
/** A GPU's clocks rise meanwhile. */
const LEAST_SECONDS = 0.3;

/**
 * Has the context's work split and foretold by a measured rate from now on. Does nothing where one is known, or on a
 * software adapter, of which a rate is assumed that fits. Rejects with AppError cancelled, device-lost, out-of-memory.
 */
export async function learnRate(context: GpuContext, signal?: AbortSignal): Promise<void> {
  const { runner, device } = context;
  if (device.machine.software || runner.ceiling !== device.assumed) return;
  const flopsPerSecond = await productRate(context, SHAPE, signal);
  runner.calibrate({ ...device.assumed, flopsPerSecond });
}

/** FLOP/s of a linear layer with bf16 weights, in the activations that are usual here. */
export async function productRate(
  context: GpuContext,
  { rows, columns, depth }: { readonly rows: number; readonly columns: number; readonly depth: number },
  signal?: AbortSignal,
): Promise<number> {
  const { memory, runner } = context;
  const activation = activationFor(context);
  const x = externalTensor('x', [rows, depth], activation);
  const weight = externalTensor('weight', [columns, depth], 'bf16');
  try {
    await memory.allocate([x, weight]);
    await fillInputs(
      context,
      new Map([
        ['x', x],
        ['weight', weight],
      ]),
      signal,
    );
    const { program } = record('rate', recorderOptions(context, activation), (r) => {
      for (let i = 0; i < CALLS; i++) matmul(r, x, weight, { label: 'product' });
    });
    const bound = await bindTogether(context, [program], signal);
    try {
      let best = Number.POSITIVE_INFINITY;
      const began = nowMs();
      do {
        const { gpuSeconds, wallSeconds } = await runner.run(bound.programs, { signal });
        best = Math.min(best, gpuSeconds || wallSeconds);
      } while (nowMs() - began < LEAST_SECONDS * 1000);
      return program.cost.flops / best;
    } finally {
      bound.destroy();
    }
  } finally {
    memory.free([x, weight]);
  }
}
