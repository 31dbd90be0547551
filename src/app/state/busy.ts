/** Who uses the GPU: one run at a time, whichever view began it. */
import { computed, effect } from '@preact/signals-core';
import { machineState } from './machine';
import { view } from './route';
import { run } from './run';
import { check } from './self_check';
import { look, measuring, probe, streamingChoice } from './streaming';

export type Busy = 'benchmark' | 'check' | 'streaming' | 'probe';

export const busy = computed((): Busy | null => {
  if (run.value.name === 'running') return 'benchmark';
  if (check.value.name === 'running') return 'check';
  if (measuring.value.name === 'running') return 'streaming';
  return probe.value.name === 'running' ? 'probe' : null;
});

/** As a slider moves. */
const DEBOUNCE_MS = 200;

/** Call once. Keeps the outlook in step with the choice, while it is seen and nothing else uses the GPU. */
export function followChoice(): void {
  let shown = '';
  effect(() => {
    const choice = streamingChoice.value;
    if (busy.value) shown = ''; // a run measures rates that change what is told
    if (view.value !== 'weights' || machineState.value.name !== 'ready' || busy.value || !choice) return;
    const key = JSON.stringify({ ...choice, steps: 0 }); // their number changes nothing about one
    if (key === shown) return;
    const timer = setTimeout(() => {
      shown = key;
      void look(choice);
    }, DEBOUNCE_MS);
    return () => clearTimeout(timer);
  });
}
