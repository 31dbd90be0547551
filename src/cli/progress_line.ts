/** How a run goes, on standard error: one line that is written over on a terminal, a line for each stage elsewhere. */
import type { RunEvent } from '../core/events';

export function progressLine(event: RunEvent): void {
  if (process.stderr.isTTY && event.type === 'progress')
    process.stderr.write(
      `\r\x1b[K${event.stage} · ${Math.floor(event.done)} of ${event.total} · ${event.detail} · about ${Math.ceil(event.secondsLeft)} s left`,
    );
  else if (!process.stderr.isTTY && event.type === 'stage-begin') process.stderr.write(`${event.stage} …\n`);
}

export function clearLine(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
