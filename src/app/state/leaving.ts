/** A run ends with its page, so the browser asks before the page is left. */
import { effect } from '@preact/signals-core';

/** Call once for each kind of run. Outside a run nothing listens: browsers do not keep such a page for Back. */
export function askBeforeLeaving(isRunning: () => boolean): void {
  effect(() => {
    if (!isRunning()) return;
    const ask = (event: Event) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  });
}
