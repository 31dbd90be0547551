/** What kept the page's main thread from answering. */
import type { Page } from 'playwright';

/** Begins to watch; the returned function ends it, and tells the milliseconds of every task over 50 ms. */
export async function watchLongTasks(page: Page): Promise<() => Promise<number[]>> {
  const watch = await page.evaluateHandle(() => {
    const durations: number[] = [];
    const observer = new PerformanceObserver((list) => {
      durations.push(...list.getEntries().map(({ duration }) => duration));
    });
    observer.observe({ type: 'longtask' });
    return { durations, observer };
  });
  return () =>
    watch.evaluate(async ({ durations, observer }) => {
      // The last entries arrive when the page is idle.
      await new Promise((resolve) => setTimeout(resolve, 500));
      observer.disconnect();
      return durations;
    });
}
