/** Tuning for the engine worker: tables kept in IndexedDB, and the phase that a benchmark begins with. */
import { createStore, get, set } from 'idb-keyval';
import type { TuningPhase } from '../src/bench/protocol';
import type { GpuContext } from '../src/gpu/context';
import { adoptTuning, type TableStore, tuneDevice } from '../src/tuning/device_tuning';
import { TUNING_SECONDS } from '../src/tuning/tuner';

const kept = createStore('wanscope-tuning', 'tables');
/** Where a browser keeps nothing, as in a private window, what is found lasts as long as the worker. */
const tables: TableStore = {
  read: (name) => get(name, kept).catch(() => undefined),
  write: (name, table) => set(name, table, kept).catch(() => {}),
};

export const adoptKept = (context: GpuContext): Promise<void> => adoptTuning(context, tables);

/** A software adapter's forms differ less, and its visitor waits longer for all the rest. */
const SOFTWARE_SECONDS = 8;

let skip: AbortController | null = null;

/** That the next run will tune, at most; 0 where the device is tuned. */
export function tuningSeconds({ tuning, device }: GpuContext): number {
  if (tuning.settled) return 0;
  return device.machine.software ? SOFTWARE_SECONDS : TUNING_SECONDS;
}

/** Undefined where the device is tuned. */
export function tuningPhase(context: GpuContext, signal: AbortSignal): TuningPhase | undefined {
  const seconds = tuningSeconds(context);
  if (seconds === 0) return undefined;
  return {
    seconds,
    async run(onProgress) {
      skip = new AbortController();
      try {
        await tuneDevice(context, tables, { signal, skip: skip.signal, seconds, onProgress });
      } finally {
        skip = null;
      }
    },
  };
}

export const skipTuning = (): void => skip?.abort();
