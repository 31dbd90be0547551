/** Pauses before a request is made again: because a server asked for one, or because the network failed. */
import { signal } from '@preact/signals-core';
import type { HttpWait } from '../../../workers/loader_api';
import { nowMs } from '../../core/clock';
import * as loader from '../loader';

export interface Wait {
  readonly why: HttpWait['why'];
  /** On the page's `nowMs()` clock. */
  readonly untilMs: number;
}

/** By the address that is waited for. */
export const waits = signal<ReadonlyMap<string, Wait>>(new Map());

/** Ticks while there is something to count down. */
export const now = signal(nowMs());
let ticking: ReturnType<typeof setInterval> | null = null;

function tick(): void {
  now.value = nowMs();
  const still = [...waits.value].filter(([, { untilMs }]) => untilMs > now.value);
  if (still.length < waits.value.size) waits.value = new Map(still);
  if (still.length > 0 || !ticking) return;
  clearInterval(ticking);
  ticking = null;
}

/** Before anything goes over the network: the loader may be a new one, which tells nobody yet. */
export const watchWaits = (): Promise<void> =>
  loader.watchWaits(({ address, why, seconds }) => {
    now.value = nowMs();
    waits.value = new Map(waits.value).set(address, { why, untilMs: now.value + seconds * 1000 });
    ticking ??= setInterval(tick, 500);
  });

/** The longest of those for these addresses, in seconds from now. */
export function waitFor(isMine: (address: string) => boolean): { why: Wait['why']; seconds: number } | null {
  const mine = [...waits.value].filter(([address, { untilMs }]) => isMine(address) && untilMs > now.value);
  const last = mine.map(([, wait]) => wait).sort((a, b) => b.untilMs - a.untilMs)[0];
  return last ? { why: last.why, seconds: (last.untilMs - now.value) / 1000 } : null;
}
