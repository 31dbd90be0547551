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

let skip: AbortController | null = null;

/** Undefined where the device is tuned. */
export function tuningPhase(context: GpuContext, signal: AbortSignal): TuningPhase | undefined {
  if (context.tuning.settled) return undefined;
  return {
    seconds: TUNING_SECONDS,
    async run(onProgress) {
      skip = new AbortController();
      try {
        await tuneDevice(context, tables, { signal, skip: skip.signal, onProgress });
      } finally {
        skip = null;
      }
    },
  };
}

export const skipTuning = (): void => skip?.abort();
