/**
 * The candidates of one case against the default: in turn, round after round, and who is clearly slower than the best
 * drops out. So most of the time goes to those that are close.
 */
import { median } from '../core/median';
import { bindTogether, type GpuContext } from '../gpu/context';
import { type RecorderOptions, record } from '../gpu/program';
import type { RunTime } from '../gpu/run';
import type { Tuning } from '../kernels/kernel';
import { always, type CaseTensors } from './record_case';

/** After each round, only those within this factor of the fastest stay. A CPU's times stray further, and it has fewer cases. */
const ROUNDS = {
  gpu: [1.6, 1.25, 1.1, 1.1, 1.1],
  software: [2, 1.8, 1.6, 1.4, ...Array.from({ length: 12 }, () => 1.25)],
} as const;
/** By their rough times: only those within this factor of the fastest, and some steps of a browser's clock, enter. */
const ENTRY = { factor: 2, seconds: 0.0003 } as const;
const MOST_CALLS = 64;

export interface Racer {
  readonly tuning: Tuning;
  /** Of one call, about; for how many make a run. */
  readonly roughSeconds: number;
}

export interface RaceOptions {
  readonly signal?: AbortSignal | undefined;
  /** Nobody drops out, for whoever wants all times. */
  readonly keepAll?: boolean | undefined;
}

export interface Timed {
  readonly tuning: Tuning;
  /** Its time over the default's, the median of the rounds. Infinite for who did not enter. */
  readonly share: number;
}

/** GPU time where the adapter gives it. A CPU's passes wait for other programs as the clock does, and tests run by another clock. */
export function secondsOf({ device: { machine } }: GpuContext, { gpuSeconds, wallSeconds }: RunTime): number {
  return !machine.software && gpuSeconds !== null && gpuSeconds > 0 ? gpuSeconds : wallSeconds;
}

/**
 * Long against the clock's steps, of 0.1 ms in browsers, or where there are no timestamps against a submit; and on a
 * CPU against the threads' waking and sleeping.
 */
export const runSeconds = ({ device: { machine } }: GpuContext): number => {
  if (machine.software) return 0.02;
  return machine.timestamps ? 0.006 : 0.015;
};

/**
 * In the order given, the default first, which always enters. All of the case's tensors have memory and values. Throws AppError cancelled, device-lost,
 * out-of-memory.
 */
export async function race(
  context: GpuContext,
  options: RecorderOptions,
  { call }: Pick<CaseTensors, 'call'>,
  racers: readonly Racer[],
  { signal, keepAll = false }: RaceOptions = {},
): Promise<Timed[]> {
  const callsOf = ({ roughSeconds }: Racer) =>
    Math.max(1, Math.min(MOST_CALLS, Math.ceil(runSeconds(context) / Math.max(roughSeconds, 1e-6))));
  const programs = racers.map(
    (racer) =>
      record('race', always(options, racer.tuning), (r) => {
        for (let turn = 0; turn < callsOf(racer); turn++) call(r, turn);
      }).program,
  );
  const bound = await bindTogether(context, programs, signal);
  const times: number[][] = racers.map(() => []);
  /** To the default, round by round: a clock that rises or sinks meanwhile does so for both. */
  const shareOf = (index: number) => median(times[index]!.map((seconds, round) => seconds / times[0]![round]!));
  const most = ENTRY.factor * Math.min(...racers.map(({ roughSeconds }) => roughSeconds)) + ENTRY.seconds;
  let left = racers.flatMap(({ roughSeconds }, index) =>
    keepAll || index === 0 || roughSeconds <= most ? [index] : [],
  );
  try {
    for (const factor of ROUNDS[context.device.machine.software ? 'software' : 'gpu']) {
      for (const index of left) {
        const time = await context.runner.run([bound.programs[index]!], { signal });
        times[index]!.push(secondsOf(context, time) / callsOf(racers[index]!));
      }
      const bar = Math.min(...left.map(shareOf)) * factor;
      if (!keepAll) left = left.filter((index) => index === 0 || shareOf(index) <= bar);
      if (left.length === 1) break;
    }
  } finally {
    bound.destroy();
  }
  return racers.map(({ tuning }, index) => ({
    tuning,
    share: times[index]!.length > 0 ? shareOf(index) : Number.POSITIVE_INFINITY,
  }));
}
