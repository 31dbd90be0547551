/** How fast bytes have come over the last seconds, for a progress line that neither jumps nor lags. */
import { nowMs } from '../core/clock';

const WINDOW_MS = 5000;

export interface Rate {
  add(bytes: number): void;
  /** Bytes a second over the last five; 0 before the first byte. */
  perSecond(): number;
}

export function rateMeter(readMs: () => number = nowMs): Rate {
  const beganMs = readMs();
  let arrivals: { atMs: number; bytes: number }[] = [];
  return {
    add(bytes) {
      arrivals.push({ atMs: readMs(), bytes });
    },
    perSecond() {
      const now = readMs();
      arrivals = arrivals.filter(({ atMs }) => atMs > now - WINDOW_MS);
      const spanMs = Math.min(now - beganMs, WINDOW_MS);
      const bytes = arrivals.reduce((sum, arrival) => sum + arrival.bytes, 0);
      return spanMs > 0 ? (bytes / spanMs) * 1000 : 0;
    },
  };
}
