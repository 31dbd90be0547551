/** What this machine can do at best, measured by our own loops in a second or two. */
import type { Roofs } from '../core/result';
import { type GpuContext, runOnce } from '../gpu/context';
import type { MatrixUnits } from '../gpu/matrix_units';
import { calibrateUpload } from '../gpu/probe';
import type { Recorder } from '../gpu/program';
import type { RunTime } from '../gpu/run';
import { externalTensor, type Tensor, tensorBytes } from '../gpu/tensor';
import { readNumbers } from '../gpu/transfer';
import { roofCopy } from '../kernels/roof_copy';
import { roofFma } from '../kernels/roof_fma';
import { isRightSum, roofMatrix, roofMatrixFlops } from '../kernels/roof_matrix';

/** Long against the clock's step of 0.1 ms, short for the visitor. */
const SECONDS = 0.03;
const REPEATS = 3;

/** GPU time where the adapter gives it, else wall time. */
export function secondsOf({ gpuSeconds, wallSeconds }: RunTime): number {
  return gpuSeconds !== null && gpuSeconds > 0 ? gpuSeconds : wallSeconds;
}

export async function measureRoofs(context: GpuContext, signal?: AbortSignal): Promise<Roofs> {
  const f16 = context.device.device.features.has('shader-f16');
  const units = context.device.matrixUnits;
  const fp32FlopsPerSecond = await arithmetic(context, 'f32', signal);
  return {
    fp32FlopsPerSecond,
    f16FlopsPerSecond: f16 ? await arithmetic(context, 'f16', signal) : null,
    matrixFlopsPerSecond: units && (await matrixArithmetic(context, units, fp32FlopsPerSecond, signal)),
    bytesPerSecond: await bandwidth(context, signal),
    uploadBytesPerSecond: (await calibrateUpload(context)).bytesPerSecond,
  };
}

function arithmetic(context: GpuContext, type: 'f32' | 'f16', signal?: AbortSignal): Promise<number> {
  // Long dispatches are split (gpu/bind.ts): each piece, too, must fill the largest GPU several times.
  const invocations = context.device.machine.software ? 4096 : 1 << 22;
  const result = externalTensor('roof', [invocations, 4], type);
  return bestRate(context, [result], invocations * 512, 4, (rounds) =>
    runOnce(context, 'roof', { activation: 'f32' }, (r) => roofFma(r, result, rounds), { signal }),
  );
}

/** Null where the sums are not those of the products: units that do not compute rightly have no rate. */
async function matrixArithmetic(
  context: GpuContext,
  units: MatrixUnits,
  fp32FlopsPerSecond: number,
  signal?: AbortSignal,
): Promise<number | null> {
  const { rows, columns, subgroups } = units;
  const { runner, memory } = context;
  const { ceiling } = runner;
  // At the rate assumed so far a piece of the dispatch would be over before it has filled the GPU.
  runner.calibrate({ ...ceiling, flopsPerSecond: fp32FlopsPerSecond });
  const groups = 1 << 15;
  const result = externalTensor('roof', [1, subgroups, 2, rows, columns], 'f32');
  const build = (rounds: number) => (r: Recorder) => roofMatrix(r, result, groups, rounds, units);
  let isRight = true;
  try {
    const rate = await bestRate(context, [result], roofMatrixFlops(groups, 1, units), 1, async (rounds) => {
      const ran = await runOnce(context, 'roof', { activation: 'f32' }, build(rounds), { signal });
      isRight &&= isRightSum(await readNumbers(memory, result, signal), rounds, units);
      return ran;
    });
    return isRight ? rate : null;
  } finally {
    runner.calibrate(ceiling);
  }
}

function bandwidth(context: GpuContext, signal?: AbortSignal): Promise<number> {
  // Well beyond any cache, within every binding.
  const bytes = context.device.machine.software ? 32 << 20 : 128 << 20;
  const from = externalTensor('roof from', [bytes / 4], 'f32');
  const to = externalTensor('roof to', [bytes / 4], 'f32');
  return bestRate(context, [from, to], 2 * tensorBytes(from), 1, (copies) =>
    runOnce(
      context,
      'roof',
      { activation: 'f32' },
      (r) => {
        for (let i = 0; i < copies; i++) roofCopy(r, i % 2 ? to : from, i % 2 ? from : to);
      },
      { signal },
    ),
  );
}

/** The best of a few runs, each of as many rounds, `work` in each, as are long enough. */
async function bestRate(
  { memory }: GpuContext,
  tensors: readonly Tensor[],
  work: number,
  fewest: number,
  run: (rounds: number) => Promise<{ time: RunTime }>,
): Promise<number> {
  await memory.allocate(tensors);
  try {
    let best = 0;
    let rounds = fewest;
    for (let repeat = 0; repeat < REPEATS; ) {
      const seconds = secondsOf((await run(rounds)).time);
      if (seconds < SECONDS / 2) {
        rounds *= 2;
        continue;
      }
      best = Math.max(best, (work * rounds) / seconds);
      repeat += 1;
    }
    return best;
  } finally {
    memory.free(tensors);
  }
}
