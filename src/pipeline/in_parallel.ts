/** Many reads and uploads at once, within bounds: the first failure stops the others, and the GPU is never far behind. */
import { AppError } from '../core/errors';
import { awaitGpu, throwIfOver } from '../gpu/waiting';

/** Runs `work` on every job, `count` at a time. Rejects with the first failure, when all under way have ended. */
export async function inParallel<Job>(
  jobs: readonly Job[],
  count: number,
  signal: AbortSignal | undefined,
  work: (job: Job, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < jobs.length && failures.length === 0) {
      if (signal?.aborted) throw new AppError('cancelled', `Stopped after ${next} of ${jobs.length} reads.`);
      await work(jobs[next++]!, stop);
    }
  };
  await Promise.all(
    Array.from({ length: Math.min(count, jobs.length) }, () =>
      worker().catch((failure) => {
        failures.push(failure);
        failed.abort();
      }),
    ),
  );
  if (failures.length > 0) throw failures[0]; // the others are its consequence
}

/** The queue keeps what was written to it until a submit: so much may be kept. */
const UNSUBMITTED_BYTES = 64 * 2 ** 20;

/** Called with the bytes just written; submits now and then, and waits where the GPU falls behind. */
export function submitting(device: GPUDevice): (bytes: number) => Promise<void> {
  let written = 0;
  let before: Promise<undefined> = Promise.resolve(undefined);
  return async (bytes) => {
    throwIfOver(device);
    written += bytes;
    if (written < UNSUBMITTED_BYTES) return;
    written = 0;
    device.queue.submit([]);
    const waitFor = before;
    before = device.queue.onSubmittedWorkDone();
    await awaitGpu(device, waitFor);
  };
}
