/** A worker of the page that is made by the first call, and anew by the call after it was ended, whatever ended it. */
import { type Remote, wrap } from 'comlink';
import { type WorkerLife, watchLife, workerLife } from './worker_life';

interface LivingWorker<Api> extends WorkerLife {
  readonly api: Remote<Api>;
}

/**
 * `name` is for the error when its script cannot be loaded, which ends it; `goneError`
 * for who waits when it ended by itself. Each call returns the worker of the moment.
 */
export function keptWorker<Api extends { holdLife(name: string): Promise<void> }>(
  name: string,
  make: () => Worker,
  goneError: () => Error,
): () => LivingWorker<Api> {
  let running: LivingWorker<Api> | null = null;

  function start(): LivingWorker<Api> {
    const worker = make();
    const life = workerLife();
    const end = (reason: Error) => {
      worker.terminate();
      if (running?.ended === life.ended) running = null;
      life.end(reason);
    };
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      end(new Error(event.message || `The ${name} worker could not be loaded.`));
    });
    const api = wrap<Api>(worker);
    watchLife(api as unknown as Api, () => end(goneError()));
    return { ...life, api, end };
  }

  return () => (running ??= start());
}
