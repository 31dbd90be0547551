/** Watches over a run: what the page is told and says of its progress, and what kept its main thread busy. */
import type { BrowserContext, Page } from 'playwright';
import type { RunEvent, Stage } from '../../src/core/events';

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

/** What a page was told of a stage, and whether it was hidden then. */
export interface StageEvent {
  readonly type: RunEvent['type'];
  readonly stage: Stage;
  readonly visibility: DocumentVisibilityState;
}

type Recording = typeof globalThis & { told: StageEvent[] };

/** From the messages of the engine's worker to the context's next pages: a hidden page is told, but not drawn. */
export function recordStages(context: BrowserContext): Promise<unknown> {
  return context.addInitScript(() => {
    const told: StageEvent[] = [];
    Object.assign(globalThis, { told });
    const { start } = MessagePort.prototype;
    MessagePort.prototype.start = function () {
      this.addEventListener('message', ({ data }) => {
        for (const { value } of data?.argumentList ?? []) {
          if (!value?.stage) continue;
          told.push({ type: value.type, stage: value.stage, visibility: document.visibilityState });
          dispatchEvent(new Event('told'));
        }
      });
      start.call(this);
    };
  });
}

/** All of the page's runs so far, or since they were forgotten. */
export const stagesTold = (page: Page) => page.evaluate(() => (globalThis as Recording).told);
export const forgetStages = (page: Page) => page.evaluate(() => void (globalThis as Recording).told.splice(0));

/** Resolves when the page has been told this of the stage. */
export const untilTold = (page: Page, type: RunEvent['type'], stage: Stage): Promise<void> =>
  page.evaluate(
    ([type, stage]) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if ((globalThis as Recording).told.some((event) => event.type === type && event.stage === stage)) resolve();
        };
        addEventListener('told', look);
        look();
      }),
    [type, stage] as const,
  );
