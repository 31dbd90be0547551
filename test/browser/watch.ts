/** Watches over a run: what it says of its progress, and what kept its main thread busy. */
import type { Page } from 'playwright';

/** What a reader notices as a pause. */
const LONG_TASK_MS = 50;

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds that the thread computed, which another program's load does not lengthen. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** Begins to watch; the returned function ends it, and tells the milliseconds that every longer task of the page computed. */
export async function watchLongTasks(page: Page): Promise<() => Promise<number[]>> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ['-*', 'disabled-by-default-devtools.timeline'] });
  return async () => {
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
    const thread = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
    const isMain = ({ name, args }: TraceEvent) => name === 'thread_name' && args.name === 'CrRendererMain';
    const main = new Set(traceEvents.filter(isMain).map(thread));
    const tasks = traceEvents.filter((event) => event.name === 'RunTask' && main.has(thread(event)));
    if (tasks.length === 0) throw new Error('The trace holds no task of the page.');
    return tasks.map(({ tdur = 0 }) => tdur / 1000).filter((ms) => ms > LONG_TASK_MS);
  };
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
