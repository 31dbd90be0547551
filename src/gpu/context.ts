/**
 * Everything a run needs of one device: its memory, its compiled pipelines, its
 * queue. And the way from recorded programs to runnable ones.
 */
import type { TuningSource } from '../core/result';
import { type BoundProgram, bindProgram } from './bind';
import type { Device } from './device';
import { Memory } from './memory';
import { Pipelines } from './pipelines';
import { type Program, type Recorder, type RecorderOptions, record } from './program';
import { Runner, type RunOptions, type RunTime } from './run';
import { planScratch } from './scratch';
import { Uploader } from './upload';
import { awaitGpu } from './waiting';

/** Which of its tunings a kernel takes on this device; src/tuning finds out. */
export interface DeviceTuning {
  readonly source: TuningSource;
  /** Nothing is left to be measured on this device. */
  readonly settled: boolean;
  /** Undefined where every kernel takes its own default. */
  choices(options: RecorderOptions): RecorderOptions['tuning'];
}

const UNTUNED: DeviceTuning = { source: 'default', settled: false, choices: () => undefined };

export interface GpuContext {
  readonly device: Device;
  readonly memory: Memory;
  readonly pipelines: Pipelines;
  readonly runner: Runner;
  readonly uploader: Uploader;
  /** Of programs that are recorded from now on. */
  tuning: DeviceTuning;
}

export function openContext(device: Device): GpuContext {
  const memory = new Memory(device.device);
  return {
    device,
    memory,
    uploader: new Uploader(memory, device.machine.software),
    pipelines: new Pipelines(device.device),
    runner: new Runner(device.device, device.assumed),
    tuning: UNTUNED,
  };
}

/** Programs bound together, in the order given, and the scratch memory they share. */
export interface BoundGroup {
  readonly programs: readonly BoundProgram[];
  destroy(): void;
}

/** Bind programs that run one after another. All their external tensors must have memory. What compiles goes on after a cancel. */
export async function bindTogether(
  { device, memory, pipelines, runner }: GpuContext,
  programs: readonly Program[],
  signal?: AbortSignal,
): Promise<BoundGroup> {
  await awaitGpu(device.device, pipelines.compile(programs), signal);
  const plans = programs.map(planScratch);
  const scratch = await memory.scratch(plans);
  let next = 0;
  const starts = programs.map(({ commands }) => (next += commands.length) - commands.length);
  try {
    const bound = await Promise.all(
      programs.map((program, index) => {
        const { slotOf } = plans[index]!;
        return bindProgram(
          program,
          starts[index]!,
          (tensor) => (tensor.storage.scratch ? scratch.slots[slotOf.get(tensor.storage)!]! : memory.bufferOf(tensor)),
          pipelines,
          runner.ceiling,
        );
      }),
    );
    const destroy = () => {
      for (const program of bound) program.destroy();
      scratch.destroy();
    };
    return { programs: bound, destroy };
  } catch (failure) {
    scratch.destroy();
    throw failure;
  }
}

/**
 * Record, bind and run a program that is not needed again. What it makes goes
 * with it, so `build` writes its results into external tensors.
 */
export async function runOnce<T>(
  context: GpuContext,
  label: string,
  options: RecorderOptions,
  build: (r: Recorder) => T,
  run: RunOptions = {},
): Promise<{ result: T; time: RunTime }> {
  const { program, result } = record(label, options, build);
  const group = await bindTogether(context, [program], run.signal);
  try {
    return { result, time: await context.runner.run(group.programs, run) };
  } finally {
    group.destroy();
  }
}
