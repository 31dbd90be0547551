/**
 * The clock of everything that is measured: `performance.now()`, made to run forwards alone. A clock that was set back
 * would make times below zero, which no result may hold, and loops that wait for a time would wait for hours.
 * A leap forwards cannot be told from a machine that slept, and stays: medians leave it out.
 */

let lastMs = Number.NEGATIVE_INFINITY;
let lostMs = 0;
let toldMs = Number.NEGATIVE_INFINITY;

/** Milliseconds since some moment; never less than at the call before. */
export function nowMs(): number {
  const readMs = performance.now();
  if (readMs < lastMs) lostMs += lastMs - readMs;
  lastMs = readMs;
  toldMs = Math.max(toldMs, readMs + lostMs); // the sum may be rounded below the one before
  return toldMs;
}
