/** Later visits without a network: the built page has its files kept by a service worker, workers/offline.ts. */

/**
 * Begins when the page is loaded, to be in nobody's way. Only a built page has a list of its files, and browsers offer
 * this to pages of https and of this machine alone.
 */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  addEventListener('load', () => {
    // Private windows and full disks refuse it; the visit itself lacks nothing.
    navigator.serviceWorker.register('offline.js').catch((refusal) => console.warn(refusal));
  });
}
