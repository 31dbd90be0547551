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
