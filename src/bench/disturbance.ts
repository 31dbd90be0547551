/** Was this GPU alone with the run? From how long the same work took, again and again. */
import { median } from '../core/median';
import { bindTogether, type GpuContext } from '../gpu/context';
import { record } from '../gpu/program';
import { runUntilSteady } from '../gpu/steady';
import { externalTensor } from '../gpu/tensor';
import { roofFma } from '../kernels/roof_fma';
import { secondsOf } from './roofs';

/** Longest over shortest of what ought to be equal. */
const CONTENDED = 1.2;
/** Of a kernel of milliseconds, whose time a single interrupt changes: three quarters of the runs must be within this. */
const BUSY = 1.3;
/** Last over first. */
const THROTTLED = 1.1;
/** Share of pairs in which the later is longer, less that in which it is shorter: 1 for a steady rise, 0 for none. */
const TREND = 0.6;

/** Long against a browser's clock, short for the visitor. */
const PROBE_SECONDS = 0.004;
/** Until the clocks of an idle GPU have risen: the first probe is the first work of a run. */
const RAMP_SECONDS = 1;
const TRIALS = 3;
/** Many rounds of workgroups for each of a GPU's processors. With few, one may be given half as many again as another: an idle H100's probes took 5.1 to 7.8 ms. */
const INVOCATIONS = 1 << 20;
const PROBES = 12;

/** Steps of unequal length, other than by a steady rise. Null where they are equal, or too few to tell. */
export function contentionIn(steps: readonly number[]): { shortestSeconds: number; longestSeconds: number } | null {
  if (steps.length < 2 || throttlingIn(steps)) return null;
  const shortestSeconds = Math.min(...steps);
  const longestSeconds = Math.max(...steps);
  return longestSeconds > CONTENDED * shortestSeconds ? { shortestSeconds, longestSeconds } : null;
}

/** A rise that goes on from the first third of the steps to the last; one long step is none. */
export function throttlingIn(steps: readonly number[]): { firstSeconds: number; lastSeconds: number } | null {
  if (steps.length < 3) return null;
  const third = Math.floor(steps.length / 3);
  const firstSeconds = median(steps.slice(0, third));
  const lastSeconds = median(steps.slice(-third));
  return lastSeconds > THROTTLED * firstSeconds && trendOf(steps) > TREND ? { firstSeconds, lastSeconds } : null;
}

/** Kendall's tau of values against their order (Kendall, 1938): −1 … 1. */
function trendOf(values: readonly number[]): number {
  let [rises, pairs] = [0, 0];
  for (let later = 1; later < values.length; later++)
    for (let earlier = 0; earlier < later; earlier++) {
      rises += Math.sign(values[later]! - values[earlier]!);
      pairs += 1;
    }
  return rises / pairs;
}

/** Whether a probe varied before the run, or was slower then than after it. A load that never lets up shows in neither. */
export function busyBefore(
  before: readonly number[],
  after: readonly number[],
): { shortestSeconds: number; longestSeconds: number } | null {
  const shortestSeconds = Math.min(...before, ...after);
  const usual = [...before].sort((a, b) => a - b)[Math.floor((3 * before.length) / 4)]!;
  return usual > BUSY * shortestSeconds ? { shortestSeconds, longestSeconds: Math.max(...before) } : null;
}

export interface Probe {
  /** How much the kernel did in each. */
  readonly rounds: number;
  /** Seconds of each. */
  readonly samples: readonly number[];
}

/** One small kernel, again and again, once clocks have risen; of as many rounds as last time, or as are long enough. */
export async function probe(context: GpuContext, signal?: AbortSignal, last?: Probe): Promise<Probe> {
  const { memory, runner, device } = context;
  const result = externalTensor('probe', [device.machine.software ? 4096 : INVOCATIONS, 4], 'f32');
  await memory.allocate([result]);
  try {
    for (let rounds = last?.rounds ?? 4; ; rounds *= 2) {
      const { program } = record('probe', { activation: 'f32' }, (r) => roofFma(r, result, rounds));
      const bound = await bindTogether(context, [program], signal);
      try {
        const run = async (count: number) => {
          const samples: number[] = [];
          // By the clock a wait of the host, which comes and goes, would pass for another user of the GPU.
          while (samples.length < count) samples.push(secondsOf(await runner.run(bound.programs, { signal })));
          return samples;
        };
        // The shortest, since what else the GPU does makes long.
        const tried = await run(TRIALS);
        if (!last && Math.min(...tried) < PROBE_SECONDS) continue;
        await runUntilSteady(context, bound.programs, signal, last ? undefined : RAMP_SECONDS);
        return { rounds, samples: await run(PROBES) };
      } finally {
        bound.destroy();
      }
    }
  } finally {
    memory.free([result]);
  }
}
