/**
 * How many requests run at once, and how many bytes are on their way. Each host
 * has 1 to 4 places: one more is tried while requests wait for a place, and kept
 * if bytes then arrive faster; a failure takes half of them away.
 */
import { nowMs } from '../core/clock';

/** Of all reads together, over all hosts: what a client may hold before its callers have it. */
export const MAX_BYTES_IN_FLIGHT = 256 * 1024 * 1024;
const MAX_PARALLEL = 4;
const FIRST_PARALLEL = 2;
/** One more request must bring this much more, or it only makes the server's work harder. */
const WORTHWHILE = 1.1;
/** After a step back the next try to grow waits this many windows. */
const QUIET_WINDOWS = 10;

export interface Place {
  /** Bytes that arrived: they decide whether the host gets more places. */
  received(bytes: number): void;
  /** An error or a 429: ask less. */
  failed(): void;
  leave(): void;
}

export interface Hosts {
  /**
   * A place among the host's requests, when there is one: they are given in the order asked. `bytes` are held until
   * the place is left. Rejects with the signal's reason.
   */
  enter(host: string, bytes: number, signal?: AbortSignal): Promise<Place>;
  /** No request to the host begins for so long. */
  pause(host: string, seconds: number): void;
  /** Requests that may run at once at a host now. */
  parallel(host: string): number;
}

interface Host {
  places: number;
  taken: number;
  pausedUntilMs: number;
  /** Nothing was under way: time that passed so says nothing about the rate. */
  idle: boolean;
  windowBeganMs: number;
  windowBytes: number;
  /** Bytes a second before the last step up; null if the last step was none. */
  rateBefore: number | null;
  quietWindows: number;
}

interface Waiting {
  readonly host: Host;
  readonly bytes: number;
  readonly enter: () => void;
}

export function createHosts({ windowSeconds }: { readonly windowSeconds: number }): Hosts {
  const hosts = new Map<string, Host>();
  const waiting = new Set<Waiting>();
  let bytesInFlight = 0;

  const hostOf = (name: string): Host => {
    const known = hosts.get(name);
    if (known) return known;
    const host: Host = {
      places: FIRST_PARALLEL,
      taken: 0,
      pausedUntilMs: 0,
      idle: true,
      windowBeganMs: 0,
      windowBytes: 0,
      rateBefore: null,
      quietWindows: 0,
    };
    hosts.set(name, host);
    return host;
  };

  function admit(): void {
    for (const next of waiting) {
      const { host, bytes, enter } = next;
      if (host.taken >= host.places || nowMs() < host.pausedUntilMs) continue;
      // A read larger than the bound goes alone. Smaller ones behind it wait, or its turn would never come.
      if (bytesInFlight > 0 && bytesInFlight + bytes > MAX_BYTES_IN_FLIGHT) break;
      waiting.delete(next);
      if (host.idle) startWindow(host);
      host.idle = false;
      host.taken += 1;
      bytesInFlight += bytes;
      enter();
    }
  }

  function startWindow(host: Host): void {
    host.windowBeganMs = nowMs();
    host.windowBytes = 0;
  }

  function judge(host: Host): void {
    const seconds = (nowMs() - host.windowBeganMs) / 1000;
    if (seconds < windowSeconds) return;
    const rate = host.windowBytes / seconds;
    startWindow(host);
    const wanted = [...waiting].some((other) => other.host === host);
    if (host.rateBefore !== null && rate < host.rateBefore * WORTHWHILE) {
      host.places = Math.max(1, host.places - 1);
      host.quietWindows = QUIET_WINDOWS;
      host.rateBefore = null;
    } else if (host.quietWindows > 0) host.quietWindows -= 1;
    else if (wanted && host.places < MAX_PARALLEL) {
      host.places += 1;
      host.rateBefore = rate;
      admit();
    } else host.rateBefore = null;
  }

  /** When its pause is over, which a timer may not quite meet: it fires early, or the clock was set back meanwhile. */
  function resume(host: Host): void {
    const leftMs = host.pausedUntilMs - nowMs();
    if (leftMs > 0) setTimeout(resume, Math.ceil(leftMs), host);
    else admit();
  }

  return {
    parallel: (name) => hostOf(name).places,

    pause(name, seconds) {
      const host = hostOf(name);
      host.pausedUntilMs = Math.max(host.pausedUntilMs, nowMs() + seconds * 1000);
      resume(host);
    },

    enter(name, bytes, signal) {
      const host = hostOf(name);
      return new Promise((resolve, reject) => {
        const stop = () => {
          waiting.delete(request);
          reject(signal!.reason);
          admit(); // what waited behind it
        };
        const place: Place = {
          received(count) {
            host.windowBytes += count;
            judge(host);
          },
          failed() {
            host.places = Math.max(1, Math.floor(host.places / 2));
            host.quietWindows = QUIET_WINDOWS;
            host.rateBefore = null;
          },
          leave() {
            host.taken -= 1;
            bytesInFlight -= bytes;
            admit();
            host.idle = host.taken === 0;
          },
        };
        const request: Waiting = {
          host,
          bytes,
          enter() {
            signal?.removeEventListener('abort', stop);
            resolve(place);
          },
        };
        if (signal?.aborted) return stop();
        signal?.addEventListener('abort', stop, { once: true });
        waiting.add(request);
        admit();
      });
    },
  };
}
