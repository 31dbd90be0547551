/** What kept the page's main thread from answering: our scripts apart from the browser's own drawing. */
import type { Page } from 'playwright';

export interface LongTasks {
  /** Milliseconds of every task over 50 ms, whoever it was. */
  readonly all: readonly number[];
  /** Of every script that ran in a frame longer than 50 ms: what we answer for. */
  readonly script: readonly number[];
}

/** Begins to watch; the returned function ends it and tells. */
export async function watchLongTasks(page: Page): Promise<() => Promise<LongTasks>> {
  const watch = await page.evaluateHandle(() => {
    const seen = { all: [] as number[], script: [] as number[] };
    const observers = [
      new PerformanceObserver((list) => seen.all.push(...list.getEntries().map(({ duration }) => duration))),
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { scripts: PerformanceEntry[] })[])
          seen.script.push(...entry.scripts.map(({ duration }) => duration));
      }),
    ];
    observers[0]!.observe({ type: 'longtask' });
    observers[1]!.observe({ type: 'long-animation-frame' });
    return { seen, observers };
  });
  return () =>
    watch.evaluate(({ seen, observers }) => {
      for (const observer of observers) observer.disconnect();
      return seen;
    });
}
