/**
 * One run on the GPU in all tabs of this browser: two at once would measure each
 * other, and take each other's memory. The first leads, the other is told.
 */
import { AppError } from '../src/core/errors';

const LOCK = 'wanscope-run';
/** A tab that was just closed or loaded anew holds the lock a moment longer. */
const PATIENCE_MS = 1500;

/** What `work` gives; but AppError gpu-busy, and no work, while another tab has a run. `patienceMs`: waited for its end. */
export function asOnlyRun<T>(work: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    navigator.locks
      .request(LOCK, { signal: AbortSignal.timeout(patienceMs) }, () => work().then(resolve, reject))
      .catch((failure) => reject(failure?.name === 'TimeoutError' ? busyElsewhere(patienceMs) : failure));
  });
}

const busyElsewhere = (waitedMs: number) =>
  new AppError(
    'gpu-busy',
    `Another tab of this page has the GPU, for a run or to measure for a plan, and still had it after ${(waitedMs / 1000).toFixed(1)} s. Stop it or let it end, then try again.`,
  );
