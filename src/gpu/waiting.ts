/**
 * Waiting for the GPU. A device may be taken away at any time; what waits for it
 * then never settles in some browsers, and in others succeeds without having
 * happened. And whoever stops a run should not wait for what is queued already.
 */
import { AppError } from '../core/errors';

interface Loss {
  failure: AppError | null;
  /** Called on it. Dozens wait at once, and Node warns of so many listeners on a signal. */
  readonly waiting: Set<() => void>;
}

const losses = new WeakMap<GPUDevice, Loss>();

function lossOf(device: GPUDevice): Loss {
  const known = losses.get(device);
  if (known) return known;
  const loss: Loss = { failure: null, waiting: new Set() };
  losses.set(device, loss);
  void device.lost.then(({ reason, message }) => {
    loss.failure = lostError(`${reason}${message ? `: ${message}` : ''}`);
    for (const check of [...loss.waiting]) check();
  });
  return loss;
}

const lostError = (why: string) =>
  new AppError(
    'device-lost',
    `The GPU was taken back (${why}). Start again, for a new device; a smaller size may need less of it.`,
  );

/**
 * What `work` gives, which waits for other things too: its signal is aborted when the device is lost or `signal` is. It
 * is this work's own, for what is derived from a signal Node keeps as long as that lives, and a device may live for days.
 */
export async function untilLost<T>(
  device: GPUDevice,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const loss = lossOf(device);
  const own = new AbortController();
  const check = () => {
    if (loss.failure || signal?.aborted) own.abort(loss.failure ?? signal?.reason);
  };
  loss.waiting.add(check);
  signal?.addEventListener('abort', check);
  check();
  try {
    return await work(own.signal);
  } finally {
    loss.waiting.delete(check);
    signal?.removeEventListener('abort', check);
  }
}

/** Throws AppError device-lost, or cancelled. */
export function throwIfOver(device: GPUDevice, signal?: AbortSignal): void {
  const { failure } = lossOf(device);
  if (failure) throw failure;
  if (signal?.aborted) throw new AppError('cancelled', 'Stopped.');
}

/** What `wait` gives; but at once AppError device-lost when the device is, and cancelled when the signal says so. */
export function awaitGpu<T>(device: GPUDevice, wait: Promise<T>, signal?: AbortSignal): Promise<T> {
  const { waiting } = lossOf(device);
  return new Promise<T>((resolve, reject) => {
    const settle = (give: () => void) => {
      waiting.delete(check);
      signal?.removeEventListener('abort', check);
      give();
    };
    const check = () => {
      try {
        throwIfOver(device, signal);
      } catch (failure) {
        settle(() => reject(failure));
      }
    };
    waiting.add(check);
    signal?.addEventListener('abort', check);
    wait.then(
      (value) => {
        check();
        settle(() => resolve(value)); // of no effect where it is over
      },
      (cause) => {
        check();
        settle(() => reject(isAbort(cause) ? lostError('it ended a read') : cause));
      },
    );
    check();
  });
}

/** Mapping is refused with it when the device is gone, which may be told a moment before the loss itself. */
const isAbort = (failure: unknown) => failure instanceof DOMException && failure.name === 'AbortError';
