/** Watches over a run from inside the page: what it says of its progress, and what kept its main thread busy. */
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

/** From now until the progress bar is gone: the stages named and the values shown, in order, each once. */
export function watchProgress(page: Page): Promise<{ stages: string[]; values: number[] }> {
  return page.evaluate(async () => {
    const stages = new Set<string>();
    const values = new Set<number>();
    for (;;) {
      const bar = document.querySelector('progress');
      if (!bar) return { stages: [...stages], values: [...values] };
      stages.add(document.querySelector('.progress .line')!.textContent!.split(' · ')[0]!.trim());
      values.add(bar.value);
      await new Promise((resolve) => setTimeout(resolve, 50)); // some stages take less than a second
    }
  });
}
