/** Tuning: every kernel's candidates timed at the model's shapes on this device, and the fastest of each kept. */
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import { bindTogether, type GpuContext } from '../gpu/context';
import { record } from '../gpu/program';
import { awaitGpu } from '../gpu/waiting';
import { fillInputs } from '../pipeline/input_values';
import { activationFor, recorderOptions } from '../pipeline/options';
import { type TuningCase, titleOf } from './cases';
import { activationOf, casesOf, deviceKey } from './device_key';
import { race, runSeconds, secondsOf } from './race';
import { always, candidatesOf, caseTensors } from './record_case';
import { shrunk } from './shrink';
import { soundOf } from './sound';
import { newTable, type TuningEntry, type TuningTable } from './table';

export interface TuneOptions {
  /** Rejects with AppError cancelled. */
  readonly signal?: AbortSignal | undefined;
  /** Ends it with what is known so far, as the end of its time does. */
  readonly skip?: AbortSignal | undefined;
  /** All of it, compiling included; `TUNING_SECONDS` unless given. */
  readonly seconds?: number | undefined;
  /** All that are listed unless given. */
  readonly cases?: readonly TuningCase[] | undefined;
  readonly onProgress?: ((done: number, total: number, detail: string) => void) | undefined;
}

export interface Tuned {
  readonly table: TuningTable;
  /** Cases that were not reached; their kernels take what is nearest, or their defaults. */
  readonly unreached: number;
  readonly skipped: boolean;
}

export const TUNING_SECONDS = 20;

/** A GPU takes about a second to raise its clocks: an H100's first kernels ran five times too slow. */
const WARM_SECONDS = { gpu: 1, software: 0.1 } as const;

/** The default must be this much slower to be left: what is less is noise. */
const CLEARLY = 0.98;

/** The one that is first to be measured at: enough tiles for any device, and quickly over. */
const WARM_UP = { gpu: [2048, 2048, 2048], software: [64, 256, 256] } as const;

/** Of the warm-up's rate, in a run; what is ten times slower should not take long either. */
const CALLS = 2;

const kindOf = ({ device: { machine } }: GpuContext) => (machine.software ? 'software' : 'gpu');

/**
 * Gives all GPU memory back, whatever happens. The context's own tuning is neither read nor changed. Throws AppError
 * cancelled, device-lost.
 */
export async function tune(context: GpuContext, options: TuneOptions = {}): Promise<Tuned> {
  const { signal, skip, seconds = TUNING_SECONDS, cases = casesOf(context), onProgress } = options;
  const { runner } = context;
  const { ceiling } = runner;
  const over = AbortSignal.timeout(seconds * 1000);
  const ends = AbortSignal.any([over, ...[signal, skip].filter((each) => each !== undefined)]);
  const entries: TuningEntry[] = [];
  const leftOut: TuningTable['leftOut'] = [];
  let done = 0;
  try {
    const flopsPerSecond = await warmUp(context, ends);
    // So that no call is split, as it would be at the rate that was assumed.
    runner.calibrate({ ...ceiling, flopsPerSecond });
    const mostFlops = flopsPerSecond * (runSeconds(context) / CALLS);
    for (const [index, one] of cases.entries()) {
      onProgress?.(done, cases.length, titleOf(one));
      // A GPU has nothing to do with compiling.
      const ahead = kindOf(context) === 'gpu' ? cases[index + 1] : undefined;
      const compiling = [one, ...(ahead ? [ahead] : [])].map((each) => compileAll(context, each));
      await awaitGpu(context.device.device, compiling[0]!, ends);
      const { entry, unsound } = await tuneCase(context, one, mostFlops, ends);
      if (entry) entries.push(entry);
      leftOut.push(...unsound);
      done += 1;
    }
  } catch (failure) {
    const ended = failure instanceof AppError && failure.code === 'cancelled' && !signal?.aborted;
    if (!ended) throw failure;
  } finally {
    runner.calibrate(ceiling);
  }
  const table = newTable(await deviceKey(context), entries, leftOut);
  return { table, unreached: cases.length - done, skipped: skip?.aborted ?? false };
}

/** FLOP/s of the default, once the clocks have risen. */
async function warmUp(context: GpuContext, signal: AbortSignal): Promise<number> {
  const kind = kindOf(context);
  const [rows, columns, depth] = WARM_UP[kind];
  const left = activationFor(context);
  const one: TuningCase = { kernel: 'matmul', size: { rows, columns, depth, left, weight: 'bf16' } };
  return withCase(context, one, signal, async ({ settings, tensors }) => {
    const { program } = record('warm up', settings, (r) => void tensors.call(r, 0));
    const bound = await bindTogether(context, [program], signal);
    try {
      let best = Number.POSITIVE_INFINITY;
      const began = nowMs();
      do best = Math.min(best, secondsOf(context, await context.runner.run(bound.programs, { signal })));
      while (nowMs() - began < WARM_SECONDS[kind] * 1000);
      return program.cost.flops / best;
    } finally {
      bound.destroy();
    }
  });
}

/** All candidates at once, each by several of the host's threads. What does not compile is told when it is tried. */
async function compileAll(context: GpuContext, one: TuningCase): Promise<void> {
  const options = recorderOptions(context, activationOf(one));
  const { call } = caseTensors(one, options);
  const programs = candidatesOf(options, one.kernel, one.size).flatMap((candidate) => {
    try {
      return [record('compile', always(options, candidate), (r) => void call(r, 0)).program];
    } catch {
      return [];
    }
  });
  await Promise.allSettled(programs.map((program) => context.pipelines.compile([program])));
}

interface CaseTuned {
  readonly entry: TuningEntry | null;
  readonly unsound: TuningTable['leftOut'];
}

const NOTHING: CaseTuned = { entry: null, unsound: [] };

/** At about so much work a call. The entry, null where there is nothing to choose, is of the size as it is listed. */
export async function tuneCase(
  context: GpuContext,
  one: TuningCase,
  mostFlops: number,
  signal?: AbortSignal,
): Promise<CaseTuned> {
  const candidates = candidatesOf(recorderOptions(context, activationOf(one)), one.kernel, one.size);
  if (candidates.length < 2) return NOTHING;
  const what = titleOf(one);
  try {
    return await withCase(context, shrunk(one, mostFlops), signal, async ({ settings, tensors }) => {
      const { sound, unsound } = await soundOf(context, settings, tensors, candidates, signal);
      const named = unsound.map((each) => ({ ...each, what }));
      if (sound.length === 0) return { entry: null, unsound: named };
      const timed = await race(context, settings, tensors, sound, { signal });
      const fastest = timed.reduce((best, each) => (each.share < best.share ? each : best));
      const best = fastest.share < CLEARLY ? fastest : timed[0]!;
      const entry = { kernel: one.kernel, size: one.size, ...best };
      return { entry: entry as TuningEntry, unsound: named };
    });
  } catch (failure) {
    // Others may have the memory; then this shape keeps its default.
    const tooLittle = failure instanceof AppError && ['out-of-memory', 'limit-too-low'].includes(failure.code);
    if (!tooLittle) throw failure;
    return { entry: null, unsound: [{ what, tuning: {}, reason: failure.message }] };
  }
}

/** With memory and values for the case's tensors while `use` runs. */
export async function withCase<T>(
  context: GpuContext,
  one: TuningCase,
  signal: AbortSignal | undefined,
  use: (made: {
    readonly settings: ReturnType<typeof recorderOptions>;
    readonly tensors: ReturnType<typeof caseTensors>;
  }) => Promise<T>,
): Promise<T> {
  const { tuning: _, ...settings } = recorderOptions(context, activationOf(one));
  const tensors = caseTensors(one, settings);
  const inputs = [...tensors.inputs.values()];
  try {
    await context.memory.allocate(inputs);
    await fillInputs(context, tensors.inputs, signal);
    return await use({ settings, tensors });
  } finally {
    context.memory.free(inputs);
  }
}
