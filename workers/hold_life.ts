/**
 * A lock that a worker holds as long as it lives. No event tells a page that a
 * worker was ended, by itself or by a browser short of memory; but the lock is
 * then free, and whoever waits for it has it.
 */

/** Resolves once the lock of this name is held. Rejects where the browser has none. */
export const holdLife = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    navigator.locks
      .request(name, () => {
        resolve();
        return new Promise<never>(() => {});
      })
      .catch(reject);
  });
