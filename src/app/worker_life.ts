/** The page's end of workers/hold_life.ts: tells when a worker is gone, whatever ended it. */

/** `onEnd` is called once, also where the page itself ended the worker. Where the browser has no locks, never. */
export function watchLife(worker: { holdLife(name: string): Promise<void> }, onEnd: () => void): void {
  const name = `wanscope-worker ${crypto.randomUUID()}`;
  // Asked for once the worker has it, or the page would have it first.
  worker
    .holdLife(name)
    .then(() => navigator.locks.request(name, onEnd))
    .catch(() => {}); // an insecure page has no locks, and no GPU either
}

/** For those who wait on a worker: nothing that waits on its answers settles once it is gone. */
export interface WorkerLife {
  /** Rejects when the worker is gone. */
  readonly ended: Promise<never>;
  end(reason: Error): void;
  /** What `work` gives, unless the worker is gone first. */
  during<T>(work: Promise<T>): Promise<T>;
}

export function workerLife(): WorkerLife {
  const waiting = new Set<(reason: Error) => void>();
  const ended = new Promise<never>((_, reject) => waiting.add(reject));
  ended.catch(() => {}); // nobody may be waiting when it ends
  let over: Error | null = null;
  return {
    ended,
    end(reason) {
      over ??= reason;
      for (const giveUp of waiting) giveUp(over);
    },
    // Not a race with `ended`: a promise keeps all that was ever raced with it.
    during: (work) =>
      new Promise((resolve, giveUp) => {
        if (over) giveUp(over);
        waiting.add(giveUp);
        work.then(resolve, giveUp).finally(() => waiting.delete(giveUp));
      }),
  };
}
