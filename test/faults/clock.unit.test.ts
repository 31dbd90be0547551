/** A clock that is set back by an hour, or leaps forth by one, where something waits for a time or tells one. */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { RunEvent } from '../../src/core/events';
import { runEvents } from '../../src/core/run_events';
import { createHosts } from '../../src/weights/http_hosts';

const HOUR_MS = 3.6e6;

/** What is read from now on is off by so much. */
function setClock(leapMs: number): void {
  const read = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => read() + leapMs);
  onTestFinished(() => clock.mockRestore());
}

test('a pause that a server asked for lasts no longer where the clock is set back', async () => {
  const hosts = createHosts({ windowSeconds: 1 });
  hosts.pause('host', 0.05);
  setClock(-HOUR_MS);
  const began = Date.now();
  const place = await hosts.enter('host', 10, AbortSignal.timeout(2000));
  expect(Date.now() - began).toBeGreaterThanOrEqual(40);
  place.leave();
});

test('a step’s events and time left are numbers that can be shown', () => {
  const told: RunEvent[] = [];
  const events = runEvents((event) => void told.push(event), 'Quick', [
    { stage: 'roofs', seconds: 2 },
    { stage: 'sample', seconds: 6 },
  ]);
  events.begin('roofs');
  setClock(-HOUR_MS);
  events.begin('sample');
  for (const done of [1, 2, 3]) {
    events.progress(done, 4, 'text');
    if (done === 2) vi.mocked(performance.now).mockRestore();
  }
  events.end();
  const times = told.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const event of told) {
    if ('secondsLeft' in event) expect(event.secondsLeft).toBeGreaterThanOrEqual(0);
    if ('seconds' in event) expect(event.seconds).toBeGreaterThanOrEqual(0);
  }
});
